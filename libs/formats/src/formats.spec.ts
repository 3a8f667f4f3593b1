import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatResult, mediaTypeOf, RESULT_FORMATS, type ResultFormat } from './index.js';
import {
  readAzureCommands,
  readGithubCommands,
  readJunit,
  readMarkdown,
  readSarif,
  readTap,
  seenIn,
} from './testdata/readers.js';
import { aResult, hostileViolation, withRemarks } from './testdata/results.js';

const WORDS = [
  '##vso[',
  '::error::',
  '```',
  '</details>',
  ' # SKIP ',
  'www.a.b',
  'https://a.b',
  'a@b.c',
  '<!--',
  ']]>',
  '\n---\n',
];
const PIECES = [...'|`*_[]()#@!<>&\\~$:/-+=.,;%{}"\'1aw\n\r\t ', ...WORDS];
const FORMATTING = new Set(
  'heading emphasis delete image imageReference linkReference definition blockquote thematicBreak footnoteReference'.split(
    ' ',
  ),
);

/** Any text at all, and texts of what means something somewhere. */
const TEXT = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 25 }),
);

/** Each throws at what its consumer could not read. */
const READERS: Record<ResultFormat, (text: string) => unknown> = {
  json: (text) => JSON.parse(text),
  sarif: readSarif,
  junit: readJunit,
  github: (text) => expect(readGithubCommands(text).plain).toHaveLength(1),
  gitlab: (text) => JSON.parse(text),
  azure: (text) => expect(readAzureCommands(text).commands).toHaveLength(4),
  markdown: (text) => {
    const nodes = readMarkdown(text);
    expect(nodes.filter(({ type }) => type === 'link').map(seenIn)).toEqual(['The whole result']);
    for (const { type, value } of nodes) if (type === 'text') expect(value).not.toMatch(/[@#]\w/);
    expect(nodes.filter(({ type }) => FORMATTING.has(type)).map(({ type }) => type)).toEqual(['heading']);
  },
  tap: (text) => expect(readTap(text).points).toHaveLength(7),
  text: (text) => expect(text).not.toMatch(/(?!\n)\p{Cc}/u),
  compact: (text) => expect(text.split('\n')).toHaveLength(8),
};

describe('any format', () => {
  it.each(RESULT_FORMATS)('%s has a media type, and ends its last line', (format) => {
    expect(mediaTypeOf(format)).toMatch(/^(?:text|application)\/[\w+]+; charset=utf-8$/);
    expect(formatResult(format, withRemarks())).toMatch(/\n$/);
  });

  it('as JSON is the result itself', () => {
    const result = withRemarks();
    expect(JSON.parse(formatResult('json', result))).toEqual(result);
  });

  it.each(RESULT_FORMATS)('%s can be read whatever texts are in a result', (format) => {
    fc.assert(
      fc.property(TEXT, (text) => {
        const result = withRemarks([hostileViolation(text, { severity: 'high' })], text);
        READERS[format](formatResult(format, { ...result, id: text }, { url: text, root: text }));
      }),
      { numRuns: 200 },
    );
  });

  it.each(RESULT_FORMATS)('%s writes results that were kept before findings had places', (format) => {
    const old = hostileViolation('old');
    const { location: _location, ...finding } = old.findings[0] ?? {
      location: undefined,
      path: '',
      message: 'm',
      found: null,
      expected: null,
    };
    const result = aResult([
      { ...old, findings: [] },
      { ...old, findings: [finding] },
    ]);
    expect(formatResult(format, result).length).toBeGreaterThan(10);
  });
});
