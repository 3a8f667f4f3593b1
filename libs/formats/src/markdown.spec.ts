import { describe, expect, it } from '@jest/globals';
import { formatResult, type ResultContext } from './index.js';
import { readMarkdown, seenIn } from './testdata/readers.js';
import {
  aFinding,
  aResult,
  aViolation,
  HOSTILE,
  hostileViolation,
  manyViolations,
  ofEachStanding,
  withoutPlace,
  withRemarks,
} from './testdata/results.js';

const OURS = /^(?:<!-- bylaw -->|<details(?: open)?><summary>.*<\/summary>|<\/details>)$/;

const comment = (result = aResult(), context: ResultContext = {}) => {
  const text = formatResult('markdown', result, context);
  const nodes = readMarkdown(text);
  const rows = nodes.filter(({ type }) => type === 'tableRow').map((row) => (row.children ?? []).map(seenIn));
  return { text, nodes, rows: rows.filter(([first]) => first !== 'Severity') };
};
const plain = (text: string): string => text.replaceAll('\u200b', '');

describe('a comment for a pull request', () => {
  it('of nothing says so in a few lines', () => {
    const { text, rows } = comment(aResult([], { decision: 'allow' }));
    expect(rows).toEqual([]);
    expect(text).toContain('✅ Bylaw allows this');
    expect(text).toContain('2 objects, 40 checks passed, 0 failed');
  });

  it('has a table a file, folded, the most severe first', () => {
    const at = (path: string, line: number) => ({ location: { path, line, column: 1 }, findings: [aFinding()] });
    const { text, rows } = comment(
      aResult([
        aViolation({ severity: 'low', ...at('a.yaml', 1) }),
        aViolation({ severity: 'critical', ...at('b.yaml', 5) }),
        aViolation({ severity: 'medium', ...at('b.yaml', 2) }),
        withoutPlace({ severity: 'info' }),
      ]),
    );
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['critical', '5', 'no-latest-tag', 'Deployment shop/web'],
      ['medium', '2', 'no-latest-tag', 'Deployment shop/web'],
      ['low', '1', 'no-latest-tag', 'Deployment shop/web'],
      ['info', '', 'no-latest-tag', 'Deployment shop/web'],
    ]);
    expect([...text.matchAll(/<summary>(.*?)<\/summary>/g)].map(([, summary]) => summary).slice(0, 3)).toEqual([
      '<code>b.yaml</code>: 1 error, 1 note',
      '<code>a.yaml</code>: 1 note',
      'Without a file: 1 note',
    ]);
  });

  it('has the remedies with their blocks of code, and fixes as patches', () => {
    const patch = [{ op: 'replace' as const, path: '/spec/x', value: 'nginx:1.27' }];
    const { nodes } = comment(aResult([aViolation({ fix: { patch, verified: true } })]));
    const blocks = nodes.filter(({ type }) => type === 'code');
    expect(blocks.map(({ lang, value }) => [lang, value])).toEqual([
      ['yaml', 'image: nginx:1.27'],
      ['json', JSON.stringify(patch, null, 2)],
    ]);
  });

  it('keeps the lists of a remedy', () => {
    const remediation = 'Either:\n\n- pin *it*, or\n- use a digest: `a@sha256:b`\n\n1. first\n2. # second';
    const { nodes } = comment(aResult([aViolation({ remediation })]));
    const items = nodes.filter(({ type }) => type === 'listItem').map((item) => plain(seenIn(item)));
    expect(items).toEqual(['pin *it*, or', 'use a digest: a@sha256:b', 'first', '# second']);
  });

  it('tells apart what does not count, and what was not judged', () => {
    const { rows, nodes } = comment(aResult(ofEachStanding(), { ...pick(withRemarks()) }));
    expect(rows.map((row) => row.at(-1))).toEqual(['it counts']);
    const items = nodes.filter(({ type }) => type === 'listItem').map((item) => plain(seenIn(item)));
    expect(items).toEqual([
      'no-latest-tag Deployment shop/web in deploy/web.yaml:9: it was there',
      'no-latest-tag Deployment shop/web in deploy/web.yaml:9: it is waived (waived: until March)',
      'invalid: deploy/bad.yaml:4: yaml_syntax: no colon here',
      'error: Service shop/web: image-signed: no colon here',
      'warning: deploy/twice.yaml:7: duplicate_key: no colon here',
      'skipped: Service shop/web: hpa-target-exists: no colon here',
      'ignored: chart/Chart.yaml: needs_rendering: no colon here',
      'not considered: binding production: binding: no colon here',
    ]);
  });

  it('links to the whole result where there is one', () => {
    const { nodes } = comment(aResult(), { url: 'https://bylaw.example.com/v/1?a=%20 b>' });
    expect(nodes.filter(({ type }) => type === 'link').map(({ url }) => url)).toEqual([
      'https://bylaw.example.com/v/1?a=%20%20b%3E',
    ]);
  });

  it.each(HOSTILE)('shows any text as it is, and it does nothing: %j', (_called, text) => {
    const { nodes, rows } = comment(
      withRemarks([hostileViolation(text), hostileViolation(text, { baseline: 'existing' })], text),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toHaveLength(5);
    const types = new Set(nodes.map(({ type }) => type));
    for (const type of [
      'link',
      'linkReference',
      'image',
      'imageReference',
      'definition',
      'emphasis',
      'delete',
      'footnoteReference',
      'blockquote',
      'thematicBreak',
    ])
      expect(types).not.toContain(type);
    expect(nodes.filter(({ type }) => type === 'heading')).toHaveLength(1);
    for (const { type, value = '' } of nodes) {
      if (type === 'html') for (const line of value.trim().split('\n')) expect(line).toMatch(OURS);
      // What GitHub looks for in the page: people, issues and addresses outside of code.
      if (type === 'text') expect(value).not.toMatch(/@\w|#\d|\bGH-\d|:\/\/|\bwww\./);
    }
  });

  it('shows a message as it was written, but for what can’t be seen', () => {
    const text = '*a* _b_ [c](d) `e|f` g|h \\| i <j> &amp; #k ~~l~~ 1. m';
    const { rows } = comment(aResult([aViolation({ findings: [aFinding({ message: text })] })]));
    expect(plain(rows[0]?.at(-1) ?? '')).toBe(text.replaceAll('`', ''));
  });

  it.each([
    ['thousands of findings', aResult(manyViolations(26_000))],
    [
      'the longest of texts',
      withRemarks(
        Array.from({ length: 300 }, (_, n) => hostileViolation('|`<@'.repeat(5_000) + n)),
        'y'.repeat(90_000),
      ),
    ],
    ['much of everything', muchOfEverything()],
    [
      'thousands in the baseline',
      aResult(manyViolations(5_000).map((violation) => ({ ...violation, baseline: 'existing' as const }))),
    ],
  ])('is shorter than GitHub takes, with whole rows and a count of the others: %s', (_what, result) => {
    const { text, rows } = comment(result);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\d+ more (?:findings? )?did not fit here\./);
    for (const row of rows) expect(row).toHaveLength(5);
    expect(text.match(/<details/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  });

  it('counts exactly what did not fit', () => {
    const { text, rows } = comment(aResult(manyViolations(3_000)));
    const [, left] = /(\d+) more findings did not fit/.exec(text) ?? [];
    expect(rows.length + Number(left)).toBe(3_000);
    expect(rows.slice(0, 100).every(([severity]) => severity === 'critical')).toBe(true);
  });
});

function pick({ unresolved, documents, not_considered }: ReturnType<typeof withRemarks>) {
  return { unresolved, documents, not_considered };
}

/** Each part of a comment could fill it alone. */
function muchOfEverything(): ReturnType<typeof aResult> {
  const long = manyViolations(400).map((violation, index) => {
    const slug = `policy-${index}`;
    const policy = { ...violation.policy, slug };
    const patch = [{ op: 'add' as const, path: '/spec', value: 'v'.repeat(900) }];
    return { ...violation, policy, remediation: `${slug} `.repeat(90), fix: { patch, verified: true as const } };
  });
  const old = manyViolations(400).map((violation) => ({ ...violation, baseline: 'existing' as const }));
  const waived = manyViolations(400).map((violation) => ({
    ...violation,
    waiver: { kind: 'comment' as const, reason: 'until March' },
  }));
  const unresolved = manyViolations(400).map(({ policy, object }, index) => ({
    policy: policy.slug,
    instance: '',
    verdict: 'error' as const,
    reason: `reason ${index}`,
    object,
  }));
  return aResult([...long, ...old, ...waived], { unresolved });
}
