import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, expect } from '@jest/globals';
import * as fc from 'fast-check';
import { identityKey } from './identity.js';
import { readFolder, type FolderFile } from './folder.js';

const configMap = (name: string, value = 'x'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {v: ${value}}\n`;

/** The repository's own examples, seen from the compiled file. */
const EXAMPLES = join(import.meta.dirname, '../../../../examples/cluster');
const examples = (): FolderFile[] =>
  readdirSync(EXAMPLES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(EXAMPLES.length + 1), text: readFileSync(path) }));

describe('a folder as a cluster', () => {
  it('takes the copy whose path comes first in byte order, and names it to the others', () => {
    const files = [
      { path: 'b.yaml', text: configMap('a', 'b') },
      { path: 'Z.yaml', text: `---\n${configMap('a', 'z')}---\n${configMap('a', 'second')}` },
      { path: 'é.yaml', text: configMap('a', 'e') },
    ];
    const { objects, problems } = readFolder(files);
    expect(objects).toMatchObject([{ path: 'Z.yaml', line: 2, object: { data: { v: 'z' } } }]);
    expect(problems).toMatchObject([
      { code: 'duplicate', path: 'Z.yaml', line: 7, winner: { path: 'Z.yaml', line: 2 } },
      { code: 'duplicate', path: 'b.yaml', line: 1, winner: { path: 'Z.yaml', line: 2 } },
      { code: 'duplicate', path: 'é.yaml', winner: { path: 'Z.yaml' } },
    ]);
    expect(problems[1]?.message).toBe('the same object stands at Z.yaml:2, which counts; remove one of them');
  });

  it('is the same in whatever order its files are given', () => {
    const files = examples();
    const expected = readFolder(files);
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        expect(readFolder(shuffled)).toEqual(expected);
      }),
      { numRuns: 5 },
    );
  });

  it('takes one object for the same under another API version or with its namespace written', () => {
    const { objects, problems } = readFolder([
      { path: 'a.yaml', text: 'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\n' },
      { path: 'b.yaml', text: 'apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a, namespace: default}\n' },
    ]);
    expect([objects.length, problems.map(({ code }) => code)]).toEqual([1, ['duplicate']]);
  });

  it('reports what is broken with its place and keeps the rest', () => {
    const { objects, problems, warnings } = readFolder([
      { path: 'a.yaml', text: `${configMap('a')}---\nkind: [\n---\nhello\n---\n${configMap('b')}data: {v: w}\n` },
      {
        path: 'b.yml',
        text: 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    tty: "yes"\n',
      },
      {
        path: 'c.json',
        text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}},3]}',
      },
      { path: 'README.md', text: 'not: yaml: at all' },
      { path: 'yaml', text: configMap('z') },
    ]);
    expect(objects.map(({ identity, path, line }) => [identityKey(identity), path, line])).toEqual([
      ['/ConfigMap/default/a', 'a.yaml', 1],
      ['/ConfigMap/default/b', 'a.yaml', 10],
      ['/ConfigMap/default/c', 'c.json', 1],
    ]);
    expect(problems).toMatchObject([
      { path: 'a.yaml', code: 'yaml_syntax' },
      { path: 'a.yaml', line: 8, column: 1, code: 'not_an_object' },
      { path: 'b.yml', line: 7, column: 5, code: 'invalid_object', field: 'spec.containers[0].tty' },
      { path: 'c.json', line: 1, code: 'not_an_object' },
    ]);
    expect(warnings).toMatchObject([{ path: 'a.yaml', code: 'duplicate_key', line: 14 }]);
  });

  it('reads the sample cluster without a word, and no secret of it gets out', () => {
    const { objects, problems, warnings } = readFolder(examples());
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(objects.length).toBeGreaterThanOrEqual(60);
    const text = JSON.stringify(objects.map(({ object }) => object));
    const secrets = ['basket-0f-pl4ywood', 'n0t-4-real-passw0rd', 'pennywise-42', 'anVzdC1mb3ItdGhlLWRlbW8='];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });
});
