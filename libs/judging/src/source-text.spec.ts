import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readManifests } from '#kube';
import { postedOf, readPostedDocuments } from './posted-documents.js';
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

/** What is answered of a text that comes without a name. */
async function toldOf(content: string): Promise<object[]> {
  const input = { texts: [{ path: null, content }], objects: [], about: {} };
  const read = (text: string) => Promise.resolve(readManifests(text, { positions: true }).documents);
  const { documents } = postedOf(await readPostedDocuments(input, read));
  return documents.map(({ path, status, error, object }) => ({ path, status, error, object }));
}

/** An empty document has no place that means anything. */
const hasContent = (told: object): boolean => !('status' in told && told.status === 'ignored');

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

  it('says the same whole as cut into the output of each file, which is how much of it is posted in parts', async () => {
    const line = fc.constantFrom(
      '---',
      '--- # next',
      '...',
      '# Source: a/b.yaml',
      '# Source: ',
      '  # Source: c.yaml',
      '# bylaw:ignore x -- y',
      'apiVersion: v1',
      'kind: Pod',
      'metadata: { name: a }',
      'text: |',
      '  ---',
      '',
      '- [',
    );
    const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(stream, async (lines) => {
        const text = lines.flat().join('');
        const sections = renderedSections(text);
        const starts = [0, ...sections.map(({ from }) => from)];
        const parts = starts.map((from, index) => text.slice(from, starts[index + 1]));
        const cut = await Promise.all(parts.filter((part) => part.trim() !== '').map(toldOf));
        expect((await toldOf(text)).filter(hasContent)).toEqual(cut.flat().filter(hasContent));
      }),
    );
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
