import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, expect } from '@jest/globals';
import { expandLists } from './manifest-list.js';
import { readManifests } from './manifest-reader.js';
import { normalise } from './normalise.js';

/** Beside the repository, on machines that have it. */
const CORPUS = join(import.meta.dirname, '../../../../../shared/corpora/manifests');
const present = existsSync(CORPUS);
const described = present ? describe : describe.skip;
if (!present) process.stderr.write(`skipped: real manifests are not there (${CORPUS})\n`);

/** Both are wrong in Kubernetes' eyes too: a boolean as value of a variable, and a name with a placeholder in it. */
const REALLY_WRONG = [
  'ingress-nginx/docs__examples__auth__oauth-external-auth__vouch-proxy.yaml:21:11 spec.template.spec.containers[0].env[0].value must be a string, got boolean true',
  'rook/deploy__examples__cleanup-job.yaml:5:3 metadata.name must be a DNS subdomain (lower-case letters, digits, "-" and ".", at most 253 characters), got string "rook-ceph-cleanup-<node-hostname>"',
];

const files = (): { path: string; text: string }[] =>
  readdirSync(CORPUS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: path.slice(CORPUS.length + 1), text: readFileSync(path, 'utf8') }));

described('manifests of well-known projects', () => {
  const documents = present ? files().flatMap(({ path, text }) => readManifests(text, { path }).documents) : [];
  const objects = documents.flatMap(expandLists);

  it('are all read', () => {
    expect(documents.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(documents.length).toBeGreaterThan(1500);
    expect(objects.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(objects).toHaveLength(1600);
  });

  it('are refused only where Kubernetes refuses them too', () => {
    const refused = objects.flatMap((document) => {
      const result = normalise(document.object ?? {});
      if (result.ok) return [];
      return result.problems.map(({ path, message }) => {
        const { line, column } = document.locate(path);
        return `${document.path}:${line}:${column} ${path} ${message}`;
      });
    });
    expect(refused).toEqual(REALLY_WRONG);
  });

  it('are the same when normalised twice', () => {
    for (const { object } of objects) {
      const first = normalise(object ?? {});
      if (!first.ok) continue;
      const second = normalise(first.object);
      expect(second.ok && JSON.stringify(second.object)).toBe(JSON.stringify(first.object));
    }
  });
});
