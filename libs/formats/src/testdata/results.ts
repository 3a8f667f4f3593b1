import type { Severity } from '#kernel';
import type { ValidationFinding, ValidationResult, ValidationViolation } from '#contracts';

/** Texts that have broken a report somewhere. */
export const HOSTILE_TEXTS = [
  'two\nlines\r\nand a third',
  '::error file=x::taken over',
  '##vso[task.setvariable variable=a]b',
  '##[command]rm -rf /',
  'a ]]> b <!-- c --> <script>alert(1)</script>',
  'a | b || c \\| d \\\\| e',
  '``` fence ``` `code` ~~~',
  '@everyone #1 GH-12 !3 a@example.com',
  '![x](https://example.com/x.png) [y](https://example.com) <https://example.com> www.example.com https://example.com',
  '</details></table>\n\n# Heading',
  '😀 ünïcödé \ud800 \u0000 \u0007 \u001b[31mred \u202eturned \u2028 \ufffe',
  '%25 %0A %AZP25 ; ] , : =',
  '# SKIP me\n  ...\nok 99 - taken over',
  'a # SKIP b # TODO c \\',
  '{0} {{1}} ${x}',
  'x'.repeat(50_000),
];

/** The same for `it.each`: how a test is called, and the text. */
export const HOSTILE = HOSTILE_TEXTS.map((text): [string, string] => [text.slice(0, 40), text]);

/** A violation with one finding at `deploy/web.yaml:9:7`, medium and audited. */
export function aViolation(changes: Partial<ValidationViolation> = {}): ValidationViolation {
  const location = { path: 'deploy/web.yaml', line: 9, column: 7 };
  return {
    policy: { id: 'pol_1', slug: 'no-latest-tag', title: 'Images name a fixed version', version: 3 },
    instance: '',
    severity: 'medium',
    category: 'operational-excellence',
    enforcement: 'audit',
    object: { api_version: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
    location,
    message: 'Container “app” runs nginx without a tag.',
    findings: [aFinding({ location })],
    remediation: 'Name the version that you tested:\n\n```yaml\nimage: nginx:1.27\n```',
    fingerprint: 'ab'.repeat(32),
    ...changes,
  };
}

export function aFinding(changes: Partial<ValidationFinding> = {}): ValidationFinding {
  return {
    path: 'spec.template.spec.containers[0].image',
    found: 'nginx',
    expected: 'a tag other than latest',
    message: 'Container “app” runs nginx without a tag.',
    container: 'app',
    ...changes,
  };
}

/** A violation where nothing is known of a text. */
export function withoutPlace(changes: Partial<ValidationViolation> = {}): ValidationViolation {
  const { location: _location, ...rest } = aViolation(changes);
  return { ...rest, findings: rest.findings.map(({ location: _own, ...finding }) => finding) };
}

/** @returns a violation all of whose texts, names and paths are one text */
export function hostileViolation(text: string, changes: Partial<ValidationViolation> = {}): ValidationViolation {
  const location = { path: `deploy/${text}.yaml`, line: 3, column: 1 };
  return aViolation({
    policy: { id: 'pol_1', slug: 'no-latest-tag', title: text, version: 1 },
    instance: text,
    object: { api_version: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: text },
    location,
    message: text,
    findings: [aFinding({ path: text, found: text, expected: text, message: text, location })],
    remediation: text,
    fix: { patch: [{ op: 'replace', path: '/spec', value: text }], verified: true },
    ...changes,
  });
}

/** A result as the API answers it; the figures follow from what is in it. */
export function aResult(
  violations: ValidationViolation[] = [],
  changes: Partial<ValidationResult> = {},
): ValidationResult {
  const failing = violations.filter(({ waiver, baseline }) => waiver === undefined && baseline !== 'existing');
  const of = (severity: Severity): number => failing.filter((violation) => violation.severity === severity).length;
  return {
    id: 'val_1',
    decision: 'deny',
    fail_on: 'high',
    not_considered: [],
    summary: {
      objects: 2,
      evaluated: 40 + violations.length,
      pass: 40,
      fail: failing.length,
      waived: violations.length - failing.length,
      error: 0,
      skipped: 0,
      by_severity: {
        info: of('info'),
        low: of('low'),
        medium: of('medium'),
        high: of('high'),
        critical: of('critical'),
      },
    },
    violations,
    unresolved: [],
    documents: [],
    ...changes,
  };
}

/** A result with something of everything beside its violations, each text the one that is given. */
export function withRemarks(violations: ValidationViolation[] = [], text = 'no colon here'): ValidationResult {
  const object = { api_version: 'v1', kind: 'Service', namespace: 'shop', name: 'web' };
  return aResult(violations, {
    not_considered: [{ binding: 'production', reason: text }],
    unresolved: [
      { policy: 'image-signed', instance: '', verdict: 'error', reason: text, object },
      { policy: 'hpa-target-exists', instance: '', verdict: 'skipped', reason: text, object },
    ],
    documents: [
      { index: 0, path: 'deploy/bad.yaml', status: 'invalid', error: { code: 'yaml_syntax', message: text, line: 4, column: 2 } },
      { index: 1, path: 'chart/Chart.yaml', status: 'ignored', error: { code: 'needs_rendering', message: text } },
      { index: 2, path: 'deploy/empty.yaml', status: 'ignored' },
      {
        index: 3,
        path: 'deploy/twice.yaml',
        status: 'ok',
        object,
        warnings: [{ code: 'duplicate_key', message: text, line: 7, column: 3 }],
      },
    ],
  });
}

/** One violation of each standing: one that counts, one of the baseline, one that is waived. */
export function ofEachStanding(): ValidationViolation[] {
  return [
    aViolation({ severity: 'critical', message: 'it counts', findings: [aFinding({ message: 'it counts' })] }),
    aViolation({ baseline: 'existing', message: 'it was there', findings: [aFinding({ message: 'it was there' })] }),
    aViolation({
      waiver: { kind: 'comment', reason: 'until March' },
      message: 'it is waived',
      findings: [aFinding({ message: 'it is waived' })],
    }),
  ];
}

/** @returns so many violations, a fifth of each severity, a hundred to a file */
export function manyViolations(count: number): ValidationViolation[] {
  const severities: Severity[] = ['info', 'low', 'medium', 'high', 'critical'];
  return Array.from({ length: count }, (_, index) => {
    const location = { path: `deploy/${Math.floor(index / 100)}.yaml`, line: (index % 100) + 1, column: 1 };
    return aViolation({
      policy: { id: 'pol_1', slug: `policy-${index % 40}`, title: `Policy ${index % 40}`, version: 1 },
      severity: severities[index % 5] ?? 'low',
      object: { api_version: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: `app-${index}` },
      location,
      findings: [aFinding({ location })],
    });
  });
}
