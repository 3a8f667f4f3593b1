import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { diffLines } from 'diff';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { Json, JsonObject } from '#kernel';
import type { ValidationViolation } from '#contracts';
import { applyPatch, type FixOperation } from '#engine';
import { LocalJudge } from '../../apps/cli/src/check/local-check.js';
import { rulesOfSettings } from '../../apps/cli/src/check/local-rules.js';
import type { Posted } from '#judging';
import { LocalReader } from '../../apps/cli/src/check/local-documents.js';
import { settingsOf } from '../../apps/cli/src/check/settings.js';
import { fixText } from '../../apps/cli/src/fix/fix-text.js';

/** Settings of a container, each as some team leaves it. */
const container = fc.record(
  {
    image: fc.constantFrom('registry.example.com/app:1.2', 'nginx', 'nginx:latest'),
    securityContext: fc.record(
      {
        privileged: fc.boolean(),
        allowPrivilegeEscalation: fc.boolean(),
        runAsNonRoot: fc.boolean(),
        readOnlyRootFilesystem: fc.boolean(),
        capabilities: fc.constantFrom({}, { add: ['NET_ADMIN'] }, { drop: ['ALL'], add: ['SYS_ADMIN'] }),
      },
      { requiredKeys: [] },
    ),
    ports: fc.constantFrom([], [{ containerPort: 80, hostPort: 80 }]),
    resources: fc.constantFrom({}, { requests: { cpu: '100m' } }),
    args: fc.constantFrom([], ['--flag', 'yes', '0644', '# no comment']),
  },
  { requiredKeys: ['image'] },
);
const deployment = fc
  .record({
    replicas: fc.constantFrom(undefined, 1, 3),
    hostPID: fc.constantFrom(undefined, true, false),
    hostNetwork: fc.constantFrom(undefined, true),
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
  })
  .map(({ replicas, hostPID, hostNetwork, containers }): JsonObject => {
    const named = containers.map((one, index) => ({ name: `c${index}`, ...one }));
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        replicas,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { hostPID, hostNetwork, containers: named } },
      },
    };
    return JSON.parse(JSON.stringify(object)) as JsonObject;
  });

/** A layout, and where comments stand in it: each line of block style gets one where its number says so. */
const layout = fc.record({
  json: fc.constantFrom(undefined, undefined, undefined, 0, 2, 4, '\t'),
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  flowFrom: fc.constantFrom(2, 4, 6, 99),
  quotes: fc.constantFrom('QUOTE_DOUBLE', 'QUOTE_SINGLE', 'PLAIN'),
  comments: fc.array(fc.nat(2), { minLength: 40, maxLength: 40 }),
  crlf: fc.boolean(),
  lastLineEnds: fc.boolean(),
  documents: fc.constantFrom(1, 2),
});
type Layout = typeof layout extends fc.Arbitrary<infer Of> ? Of : never;

function written(object: JsonObject, how: Layout): string {
  if (how.json !== undefined) return JSON.stringify(object, null, how.json);
  const block = stringify(object, {
    version: '1.1',
    indent: how.indent,
    indentSeq: how.indentSeq,
    defaultStringType: how.quotes as 'PLAIN',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    collectionStyle: how.flowFrom === 2 ? 'flow' : 'any',
  });
  const one = block
    .trimEnd()
    .split('\n')
    .flatMap((line, index) => {
      const comment = how.comments[index % how.comments.length];
      if (comment === 1 && how.flowFrom !== 2)
        return [`${' '.repeat(/^ */.exec(line)?.[0].length ?? 0)}# above ${index}`, line];
      return [comment === 2 && how.flowFrom !== 2 ? `${line} # behind ${index}` : line];
    })
    .join('\n');
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other,   namespace: shop}';
  const text = (how.documents === 2 ? `${one}\n---\n${other}` : one) + (how.lastLineEnds ? '\n' : '');
  return how.crlf ? text.replaceAll('\n', '\r\n') : text;
}

describe('fixes in files', () => {
  let judge: LocalJudge;
  beforeAll(async () => {
    const flags = { ignores: true, cache: false, fix: true, set: ['best-practices', 'pod-security-restricted'] };
    const where = { cwd: '/', environment: {}, key: () => '' };
    const settings = settingsOf([], flags, undefined, where);
    judge = LocalJudge.prepare(await rulesOfSettings(settings), settings, false);
  });
  afterAll(() => judge.close());

  const read = (text: string): Promise<Posted> =>
    new LocalReader(undefined, false).read({
      texts: [{ path: 'a.yaml', content: text, file: '/a.yaml', firstLine: 1 }],
      unreadable: [],
    });
  const fixable = async (text: string): Promise<{ documents: Posted; violations: ValidationViolation[][] }> => {
    const documents = await read(text);
    const results = await Promise.all(documents.objects.map((one) => judge.judge(documents, undefined, [one])));
    return { documents, violations: results.map((result) => result.violations.filter(({ fix }) => fix !== undefined)) };
  };

  it('leave no violation that had one, change nothing else, and touch no other line', async () => {
    await fc.assert(
      fc.asyncProperty(deployment, layout, async (object, how) => {
        const before = written(object, how);
        let text = before;
        let expected = object;
        let operations = 0;
        for (let round = 0; round < 10; round++) {
          const { documents, violations } = await fixable(text);
          if (violations.flat().length === 0) break;
          const {
            text: after,
            done,
            refused,
          } = fixText(
            text,
            documents.objects.map(({ document }, index) => ({ document, violations: violations[index] ?? [] })),
          );
          expect(refused).toEqual([]);
          expect(done.length).toBeGreaterThan(0);
          const seen = new Set<string>();
          for (const operation of done.flatMap(({ fix }) => (fix?.patch ?? []) as FixOperation[])) {
            if (seen.has(JSON.stringify(operation))) continue;
            seen.add(JSON.stringify(operation));
            expected = applyPatch(expected, [operation]);
            operations += 1;
          }
          text = after;
        }
        expect((await fixable(text)).violations.flat()).toEqual([]);
        const [first, ...others] = text.split(/^---\r?$/m);
        expect(parse(first ?? '', { version: '1.1' }) as Json).toEqual(expected);
        expect(others.join('---')).toBe(
          before
            .split(/^---\r?$/m)
            .slice(1)
            .join('---'),
        );
        const gone = diffLines(before, text).filter(({ removed }) => removed);
        const lines = gone.reduce((sum, { count }) => sum + count, 0);
        expect(lines).toBeLessThanOrEqual(2 * operations + 1);
        const comments = (of: string): string[] => of.match(/# (?:above|behind) \d+/g) ?? [];
        const lost = comments(before).filter((comment) => !comments(text).includes(comment));
        const inRemoved = comments(gone.map(({ value }) => value).join(''));
        expect(lost.every((comment) => inRemoved.includes(comment))).toBe(true);
        expect(lost.length).toBeLessThanOrEqual(operations);
      }),
      { numRuns: 120 },
    );
  });
});
