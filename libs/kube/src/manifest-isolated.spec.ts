import { afterEach, describe, it, expect } from '@jest/globals';
import { IsolatedManifestReader } from './manifest-isolated.js';

const HEAD = 'apiVersion: v1\nkind: ConfigMap\n';
const ENDLESS = `${HEAD}${Array.from({ length: 400_000 }, (_, i) => `k${i}: v`).join('\n')}`;

describe('reading in a thread', () => {
  const reader = new IsolatedManifestReader(1);
  afterEach(() => reader.close());

  it('answers as the reader does, with positions only where they are asked for', async () => {
    const text = `${HEAD}data: {a: b}\n---\n${HEAD}data: [\n`;
    const located = await reader.read(text, { path: 'a.yaml', positions: true }, 60_000);
    expect(located.documents).toMatchObject([
      { status: 'ok', path: 'a.yaml', object: { data: { a: 'b' } } },
      { status: 'invalid', error: { code: 'yaml_syntax' } },
    ]);
    expect(located.documents[0]?.locate('data.a')).toEqual({ line: 3, column: 8 });
    const plain = await reader.read(text, {}, 60_000);
    expect(plain.documents[0]?.positions).toBeUndefined();
  });

  it('ends a text at its deadline, and reads the one that waited behind it', async () => {
    const slow = reader.read(ENDLESS, { path: 'slow.yaml' }, 1);
    const next = reader.read(HEAD, {}, 60_000);
    expect((await slow).documents).toMatchObject([
      { status: 'invalid', path: 'slow.yaml', line: 1, error: { code: 'deadline' } },
    ]);
    expect((await next).documents).toMatchObject([{ status: 'ok' }]);
  });

  it('survives a text that takes more memory than allowed', async () => {
    const small = new IsolatedManifestReader(1, 24);
    expect((await small.read(ENDLESS, {}, 60_000)).documents).toMatchObject([{ error: { code: 'limit_memory' } }]);
    expect((await small.read(HEAD, {}, 60_000)).documents).toMatchObject([{ status: 'ok' }]);
    await small.close();
  });

  it('reads many texts with few threads', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => reader.read(`${HEAD}metadata: {name: n${i}}`, {}, 60_000)),
    );
    expect(answers.map(({ documents }) => documents[0]?.object?.['metadata'])).toEqual(
      Array.from({ length: 8 }, (_, i) => ({ name: `n${i}` })),
    );
  });

  it('keeps __proto__ a key on its way between threads', async () => {
    const { documents } = await reader.read(`${HEAD}data: {__proto__: x}`, {}, 60_000);
    expect(Object.keys(documents[0]?.object?.['data'] as object)).toEqual(['__proto__']);
  });
});
