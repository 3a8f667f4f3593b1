import { describe, expect, it } from '@jest/globals';
import { isStorable } from '#kernel';
import type { CompileProblem, PolicySource } from '#engine';
import { compileTogether, type CompileOutcome } from './compile-together.rules.js';

const sourcesOf = (...slugs: string[]): PolicySource[] =>
  slugs.map((slug) => ({ slug, file: 'policy.rego', source: '' }));
const problem = (message: string, slug?: string): CompileProblem => ({
  ...(slug !== undefined && { slug }),
  row: 3,
  col: 1,
  code: 'rego_type_error',
  message,
});
const made = (sources: readonly PolicySource[]): CompileOutcome => ({
  made: { policies: sources.map(({ slug }) => ({ slug })), wasm: new Uint8Array(), module: {} } as never,
});

/** A compiler that fails as it is told to, and counts. */
function compiler(fail: (slugs: readonly string[]) => CompileOutcome | undefined) {
  const tried: string[][] = [];
  const compile = (sources: readonly PolicySource[]): Promise<CompileOutcome> => {
    const slugs = sources.map(({ slug }) => slug);
    tried.push(slugs);
    return Promise.resolve(fail(slugs) ?? made(sources));
  };
  const together = async (slugs: readonly string[], isLate = () => false) => {
    const { made: module, broken, certain } = await compileTogether(sourcesOf(...slugs), compile, isLate);
    return { in: module?.policies.map(({ slug }) => slug) ?? [], broken: Object.fromEntries(broken), certain };
  };
  return { tried, together };
}

const many = Array.from({ length: 16 }, (_, index) => `p${index}`);

describe('compiling an organization’s own policies together', () => {
  it('leaves out one after the other where the errors of one stage hide those of the next', async () => {
    const { together, tried } = compiler((slugs) => {
      if (slugs.includes('unparsed'))
        return { errors: [problem('unexpected }', 'unparsed'), problem('two', 'unparsed')] };
      return slugs.includes('untyped') ? { errors: [problem('undefined function', 'untyped')] } : undefined;
    });
    expect(await together(['good', 'unparsed', 'untyped', 'well'])).toEqual({
      in: ['good', 'well'],
      broken: {
        unparsed: expect.stringContaining('(3:1 unexpected }, and 1 errors more)'),
        untyped: expect.stringContaining('(3:1 undefined function)'),
      },
      certain: true,
    });
    expect(tried).toHaveLength(3);
  });

  it('finds whom a crash is due to, by halves, and keeps all the others', async () => {
    const { together, tried } = compiler((slugs) =>
      slugs.includes('p3') || slugs.includes('p11') ? { crashed: 'it did not answer within 60000 ms' } : undefined,
    );
    const result = await together(many);
    expect(result.in.toSorted()).toEqual(many.filter((slug) => slug !== 'p3' && slug !== 'p11').toSorted());
    expect(Object.keys(result.broken)).toEqual(['p3', 'p11']);
    expect(result.broken['p3']).toContain('did not answer');
    expect(result.certain).toBe(false);
    expect(tried.length).toBeLessThan(24);
  });

  it('keeps as many as go together where they are too much together, and each alone is not', async () => {
    const { together } = compiler((slugs) =>
      slugs.length > 10 ? { errors: [problem('16 MiB together')] } : undefined,
    );
    const result = await together(many);
    expect(result.in).toEqual(many.slice(0, 10));
    expect(Object.keys(result.broken)).toEqual(many.slice(10));
    expect(result.broken['p15']).toContain('16 MiB together');
    expect(result.certain).toBe(true);
  });

  it('gives reasons that can be kept, whatever the compiler quotes', async () => {
    const { together } = compiler(() => ({ errors: [problem(`a\0${'😀'.repeat(1_000)}`, 'odd')] }));
    const { broken } = await together(['odd']);
    expect(isStorable(broken['odd'] ?? '\0')).toBe(true);
  });

  it('says that all are broken where nothing compiles at all', async () => {
    const { together } = compiler(() => ({ crashed: 'its process ended' }));
    expect(await together(['a', 'b'])).toEqual({
      in: [],
      broken: { a: expect.stringContaining('its process ended'), b: expect.stringContaining('its process ended') },
      certain: false,
    });
  });

  it('gives up when the time is over, with what it has', async () => {
    const tries = { left: 4 };
    const { together } = compiler((slugs) => (slugs.includes('p0') ? { crashed: 'slow' } : undefined));
    const result = await together(many, () => (tries.left -= 1) < 0);
    expect(result.in.length + Object.keys(result.broken).length).toBe(many.length);
    expect(Object.values(result.broken)).toContain('the compiler had no time left for it');
    expect(result.certain).toBe(false);
  });
});
