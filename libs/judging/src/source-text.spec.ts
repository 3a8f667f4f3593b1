import { describe, expect, it } from '@jest/globals';
import { renderedSections, sectionAt } from './source-text.js';

const STREAM = [
  'a: 1',
  '---',
  '# Source: x/templates/b.yaml',
  '# Source: https://example.com/where-the-author-found-it',
  'b: 1',
  '---\r',
  '# Source: x/crds/c.yaml \r',
  'c: 1',
  '---',
  'c: 2',
  '',
].join('\n');

describe('a rendered stream', () => {
  it('says which file each document comes from, and from which line its places count', () => {
    const sections = renderedSections(STREAM);
    expect(sections).toEqual([
      { path: 'x/templates/b.yaml', from: 5, line: 2, firstLine: 4 },
      { path: 'x/crds/c.yaml', from: STREAM.indexOf('---\r'), line: 6, firstLine: 8 },
    ]);
    const pathAt = (line: number): string | undefined => sectionAt(sections, line)?.path;
    expect([1, 3, 4, 5].map(pathAt)).toEqual([undefined, undefined, 'x/templates/b.yaml', 'x/templates/b.yaml']);
    // A file of several documents is named once.
    expect([8, 10, 99].map(pathAt)).toEqual(Array(3).fill('x/crds/c.yaml'));
  });

  it.each([
    ['no comment at all', 'a: 1\n---\nb: 1\n'],
    ['one that no document begins with', '# Source: x\na: 1\n'],
    ['one within a document', 'a: 1\n# Source: x\n'],
    ['one that names nothing', '---\n# Source: \na: 1\n'],
  ])('is one text with %s', (_what, text) => {
    expect(renderedSections(text)).toEqual([]);
  });

  it.each([
    ['nothing but headings', '---\n# Source: a\n'.repeat(100_000), 100_000],
    ['one endless heading', `---\n# Source: a${' '.repeat(2_000_000)}b\n`, 1],
    ['one endless mark', `---${' '.repeat(2_000_000)}b\n# Source: `, 0],
  ])('is read in one go, of %s', (_what, text, count) => {
    expect(renderedSections(text)).toHaveLength(count);
  });
});
