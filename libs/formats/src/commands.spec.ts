import { describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '#contracts';
import { visibleLines } from './escape-line.js';
import { formatResult } from './index.js';
import { readAzureCommands, readGithubCommands } from './testdata/readers.js';
import {
  aResult,
  aViolation,
  HOSTILE,
  hostileViolation,
  manyViolations,
  ofEachStanding,
  withoutPlace,
  withRemarks,
} from './testdata/results.js';

const github = (result: ValidationResult) => readGithubCommands(formatResult('github', result));
const azure = (result: ValidationResult) => readAzureCommands(formatResult('azure', result));
const seen = (text: string): string => visibleLines(text).slice(0, 3_000);

describe('workflow commands of GitHub', () => {
  it('annotate the line and column, with the policy as title', () => {
    const { commands, plain } = github(aResult([aViolation({ severity: 'high' })]));
    expect(commands).toEqual([
      {
        name: 'error',
        properties: {
          file: 'deploy/web.yaml',
          line: '9',
          col: '7',
          title: 'no-latest-tag (high): Images name a fixed version',
        },
        message: 'Deployment shop/web: Container “app” runs nginx without a tag.',
      },
    ]);
    expect(plain).toEqual(['Bylaw: deny. 2 objects, 40 checks passed, 1 failed (1 high).']);
  });

  it('of nothing are one plain line', () => {
    expect(github(aResult())).toEqual({ commands: [], plain: ['Bylaw: deny. 2 objects, 40 checks passed, 0 failed.'] });
  });

  it('are ten of a kind, the most severe first, and the last line counts the others', () => {
    const violations = manyViolations(100).map((violation, index) => ({
      ...violation,
      enforcement: index % 2 === 0 ? ('warn' as const) : ('audit' as const),
    }));
    const { commands, plain } = github(aResult(violations));
    const names = commands.map(({ name }) => name);
    expect(names).toEqual(['error', 'warning', 'notice'].flatMap((name) => Array.from({ length: 10 }, () => name)));
    expect(commands.slice(0, 10).every(({ properties }) => properties['title']?.includes('(critical)'))).toBe(true);
    expect(plain).toHaveLength(1);
    expect(plain[0]).toContain('Not shown: 30 errors, 20 warnings, 20 notices.');
  });

  it('leave out what does not count, and count it', () => {
    const { commands, plain } = github(aResult(ofEachStanding()));
    expect(commands).toHaveLength(1);
    expect(plain[0]).toContain('1 failed (1 critical), 1 in the baseline, 1 waived');
  });

  it('name no file where there is none, and tell of what was not judged', () => {
    expect(github(aResult([withoutPlace()])).commands[0]?.properties).toEqual({
      title: 'no-latest-tag (medium): Images name a fixed version',
    });
    expect(github(withRemarks()).commands.map(({ name, properties }) => [name, properties['title']])).toEqual([
      ['error', 'invalid: yaml_syntax'],
      ['warning', 'error: image-signed'],
      ['warning', 'warning: duplicate_key'],
      ['notice', 'skipped: hpa-target-exists'],
      ['notice', 'ignored: needs_rendering'],
    ]);
  });

  it.each(HOSTILE)('carry any text, and carry out nothing else: %j', (_called, text) => {
    const { commands, plain } = github(withRemarks([hostileViolation(text)], text));
    expect(commands.map(({ name }) => name)).toEqual(['error', 'warning', 'warning', 'notice', 'notice', 'notice']);
    expect(plain).toHaveLength(1);
    const ours = commands.find(({ properties }) => properties['title']?.startsWith('no-latest-tag'));
    expect(ours?.message).toContain(seen(text));
    expect(Object.keys(ours?.properties ?? {})).toEqual(['file', 'line', 'col', 'title']);
  });
});

describe('logging commands of Azure Pipelines', () => {
  it('log an issue with its place and policy, and what is neither error nor warning as a plain line', () => {
    const { commands, plain } = azure(
      aResult([aViolation({ severity: 'high' }), aViolation({ message: 'only noted' })]),
    );
    expect(commands).toEqual([
      {
        name: 'task.logissue',
        properties: {
          type: 'error',
          sourcepath: 'deploy/web.yaml',
          linenumber: '9',
          columnnumber: '7',
          code: 'no-latest-tag',
        },
        message: 'Deployment shop/web: Container “app” runs nginx without a tag.',
      },
    ]);
    expect(plain[0]).toMatch(/^deploy\/web.yaml:9:7: medium no-latest-tag: /);
    expect(plain.at(-1)).toBe('Bylaw: deny. 2 objects, 40 checks passed, 2 failed (1 high, 1 medium).');
  });

  it('leave out what does not count, and tell of what was not judged', () => {
    expect(azure(aResult(ofEachStanding())).commands).toHaveLength(1);
    const { commands, plain } = azure(withRemarks());
    expect(commands.map(({ properties }) => [properties['type'], properties['code']])).toEqual([
      ['error', 'yaml_syntax'],
      ['warning', 'image-signed'],
      ['warning', 'duplicate_key'],
    ]);
    expect(plain).toHaveLength(4);
  });

  it.each(HOSTILE)('carry any text, and carry out nothing else: %j', (_called, text) => {
    const violations = [hostileViolation(text, { severity: 'high' }), hostileViolation(text)];
    const { commands, plain } = azure(withRemarks(violations, text));
    expect(commands.map(({ name }) => name)).toEqual(Array.from({ length: 4 }, () => 'task.logissue'));
    expect(commands[1]?.message).toContain(seen(text));
    expect(Object.keys(commands[1]?.properties ?? {})).toHaveLength(5);
    for (const line of plain) expect(line).not.toMatch(/##(?:vso)?\[|^\s*::/i);
  });
});
