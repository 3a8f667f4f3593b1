import { describe, it, expect } from '@jest/globals';
import { DEFAULT_MANIFEST_LIMITS } from './manifest-limits.js';
import { readManifests } from './manifest-reader.js';

const HEAD = 'apiVersion: v1\nkind: ConfigMap\n';
const errorOf = (text: string, limits = {}) => readManifests(text, { limits }).documents[0]?.error;

const laughs = (): string => {
  const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`);
  return `${HEAD}a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${levels.join('\n')}\n`;
};

describe('limits of a manifest', () => {
  it.each([
    ['flow lists', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['flow maps that nothing closes', `a: ${'{'.repeat(100_000)}`],
    [
      'block maps',
      `x:\n${Array.from({ length: 10_000 }, (_, i) => `${' '.repeat(Math.min(i, 400) + 1)}a:`).join('\n')}`,
    ],
    ['items in one line', `x:\n${'- '.repeat(10_000)}a`],
    ['explicit keys in one line', `x:\n${'? '.repeat(10_000)}a`],
    [
      'items under keys of the same column',
      `x:\n${Array.from({ length: 200 }, (_, i) => `${'  '.repeat(i)}a:\n${'  '.repeat(i)}- `).join('')}`,
    ],
  ])('refuses %s nested ten thousand deep before anything recursive sees them', (_what, body) => {
    expect(errorOf(HEAD + body)).toMatchObject({ code: 'limit_depth' });
  });

  it('refuses nesting that only aliases make', () => {
    const levels = Array.from({ length: 60 }, (_, i) => `a${i + 1}: &a${i + 1} {x: {y: *a${i}}}`).join('\n');
    expect(errorOf(`${HEAD}a0: &a0 {}\n${levels}`)).toMatchObject({ code: 'limit_depth' });
  });

  it('counts real depth, not indentation: 90 levels pass, in every style', () => {
    const deep = (open: string, close: string): string => `${HEAD}a: ${open.repeat(90)}1${close.repeat(90)}`;
    expect(errorOf(deep('[', ']'))).toBeUndefined();
    expect(errorOf(deep('{a: ', '}'))).toBeUndefined();
    const block = Array.from({ length: 90 }, (_, i) => `${'    '.repeat(i)}a:`).join('\n');
    expect(errorOf(`${HEAD}${block} 1`)).toBeUndefined();
    const lists = Array.from({ length: 45 }, (_, i) => `${'  '.repeat(i)}${i === 0 ? '' : '- '}a:`);
    expect(errorOf(`${HEAD}${lists.join('\n')} 1`)).toBeUndefined();
  });

  it('does not count lists that stand beside a deeper map', () => {
    const levels = Array.from({ length: 60 }, (_, i) => {
      const indent = '  '.repeat(i);
      return `${indent}l:\n${indent}- x\n${indent}m:`;
    });
    expect(errorOf(`${HEAD}${levels.join('\n')} 1`)).toBeUndefined();
  });

  it('does not take braces and dashes within texts for nesting', () => {
    const lines = `${'{'.repeat(500)}\n    ${'- '.repeat(500)}\n    ${'['.repeat(500)}`;
    expect(
      errorOf(`${HEAD}data:\n  a: |\n    ${lines}\n  b: "${'{'.repeat(500)}"\n  c: x${'{'.repeat(500)}\n`),
    ).toBeUndefined();
  });

  it('refuses a billion laughs, and so a merge bomb', () => {
    expect(errorOf(laughs())).toMatchObject({ code: 'limit_aliases' });
    const merges = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} {<<: [${Array(10).fill(`*a${i}`).join(',')}]}`,
    );
    expect(errorOf(`${HEAD}a0: &a0 {x: 1}\n${merges.join('\n')}`)).toMatchObject({ code: 'limit_aliases' });
  });

  it('shares the aliases of one text among its documents', () => {
    const document = `${HEAD}a: &a [1,2,3]\nb: *a\n---\n`;
    const { documents } = readManifests(document.repeat(3), { limits: { aliasedNodes: 10 } });
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'ok', 'invalid', 'ignored']);
  });

  it('refuses an alias within its own anchor', () => {
    expect(errorOf(`${HEAD}a: &a [*a]`)).toMatchObject({ code: 'alias_cycle', line: 3, column: 8 });
    expect(errorOf(`${HEAD}a: &a\n  <<: *a`)).toMatchObject({ code: 'alias_cycle' });
  });

  it('reads one key written a hundred thousand times, and keeps the warnings few', () => {
    const { documents } = readManifests(`${HEAD}${'a: 1\n'.repeat(100_000)}a: 2\n`);
    expect(documents[0]?.object).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', a: 2 });
    expect(documents[0]?.warnings).toHaveLength(21);
    expect(documents[0]?.warnings.at(-1)).toMatchObject({ code: 'more_warnings' });
  });

  it.each([
    ['bytes', { bytes: 20 }, HEAD + 'a: é', 'limit_bytes'],
    ['nodes', { nodes: 10 }, `${HEAD}a: [1,2,3,4,5,6,7]`, 'limit_nodes'],
    ['one text', { stringLength: 20 }, `${HEAD}a: ${'x'.repeat(21)}`, 'limit_string'],
  ])('refuses more %s than allowed', (_what, limits, text, code) => {
    expect(errorOf(text, limits)).toMatchObject({ code });
  });

  it('reads as many documents as allowed and says that there were more', () => {
    const { documents } = readManifests(`${HEAD}---\n`.repeat(4), { limits: { documents: 2 } });
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'ok', 'invalid']);
    expect(documents[2]?.error).toMatchObject({ code: 'limit_documents', line: 6 });
  });

  it('gives up on thousands of quotes that lines break out of', () => {
    expect(errorOf(`${HEAD}${Array.from({ length: 2000 }, (_, i) => `k${i}: 'x\ny'\n`).join('')}`)).toMatchObject({
      code: 'yaml_syntax',
    });
  });

  it('takes a document of the size that clusters hold', () => {
    const data = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key-${i}`, 'x'.repeat(100)]));
    expect(errorOf(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', data }))).toBeUndefined();
    expect(DEFAULT_MANIFEST_LIMITS.stringLength).toBeGreaterThan(1024 * 1024);
  });
});
