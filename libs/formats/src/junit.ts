import XMLBuilder from 'fast-xml-builder';
import type { ValidationResult, ValidationViolation } from '#contracts';
import { clipped, oneLine } from './escape-line.js';
import { findingText } from './finding-text.js';
import { checkName, marksOfViolation } from './marks.js';
import { objectText } from './place.js';
import { remarksOf } from './remarks.js';
import type { ResultContext } from './result-context.js';
import { bySeverity, levelOf, standingOf } from './severity-levels.js';
import { tallyOf } from './tally.js';
import { xmlText } from './xml-text.js';

const BODY_MAX = 8_000;

interface Outcome {
  '@type': string;
  '@message': string;
  '#text': string;
}

/** In the order of Jenkins' schema. */
interface TestCase {
  '@name': string;
  '@classname': string;
  '@time': '0';
  skipped?: string;
  error?: Outcome;
  failure?: Outcome;
}

/**
 * JUnit's XML, as Jenkins' schemas have it: a suite of the whole with figures and documents, then one an object with a
 * test a policy that fails, is waived, erred or was skipped. What passes is in the figures alone. A failure is a verdict,
 * whatever is decided by it.
 */
export function formatJunit(result: ValidationResult, context: ResultContext): string {
  const cases = casesByObject(result, context);
  const documents = documentCases(result, context);
  if (cases.size === 0 && documents.length === 0) documents.push(testCase('all checks pass', 'bylaw'));
  const suites = [
    suiteOf('bylaw', documents, propertiesOf(result, context)),
    ...[...cases].map(([object, tests]) => suiteOf(object, tests)),
  ];
  const { tests, failures, errors } = countsOf([...cases.values()].flat().concat(documents));
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      '@name': 'Bylaw',
      '@tests': tests,
      '@failures': failures,
      '@errors': errors,
      '@time': '0',
      testsuite: suites,
    },
  });
}

function casesByObject(result: ValidationResult, context: ResultContext): Map<string, TestCase[]> {
  const cases = new Map<string, TestCase[]>();
  const add = (object: string, test: TestCase): void => {
    const name = attribute(object);
    const known = cases.get(name);
    if (known === undefined) cases.set(name, [test]);
    else known.push(test);
  };
  const ranked = result.violations.map((violation) => ({
    violation,
    standing: standingOf(violation),
    level: levelOf(violation, result.fail_on),
  }));
  for (const { violation } of ranked.sort(bySeverity)) {
    add(objectText(violation.object), violationCase(violation, result, context));
  }
  for (const { kind, code, message, place } of remarksOf(result, context)) {
    if (kind === 'error')
      add(place.object, { ...testCase(code, place.object), error: outcome('error', message, message) });
    if (kind === 'skipped') add(place.object, { ...testCase(code, place.object), skipped: body(message) });
  }
  return cases;
}

function violationCase(violation: ValidationViolation, result: ValidationResult, context: ResultContext): TestCase {
  const test = testCase(checkName(violation), objectText(violation.object));
  const { waiver, severity, enforcement, remediation } = violation;
  if (waiver !== undefined) return { ...test, skipped: body(`Waived: ${waiver.reason}`) };
  if (standingOf(violation) === 'existing') return { ...test, skipped: 'In the baseline: it was there before.' };
  const findings = marksOfViolation(violation, result.fail_on, context).map(findingText);
  const text = `${severity}, ${enforcement}\n${findings.join('\n')}\n\n${remediation}`;
  return { ...test, failure: outcome(severity, violation.message, text) };
}

/** Documents, and what else is no check on an object. */
function documentCases(result: ValidationResult, context: ResultContext): TestCase[] {
  return remarksOf(result, context).flatMap(({ kind, code, message, place }): TestCase[] => {
    const test = testCase(place.path ?? place.object, `bylaw ${kind}`);
    const { line, column } = place;
    const told = line === undefined ? message : `line ${line}, column ${column ?? 1}: ${message}`;
    if (kind === 'invalid') return [{ ...test, error: outcome(code, told, told) }];
    if (kind === 'error' || kind === 'skipped') return [];
    return [{ ...test, skipped: body(`${code}: ${told}`) }];
  });
}

function suiteOf(name: string, tests: readonly TestCase[], properties?: object) {
  const counts = countsOf(tests);
  return {
    '@name': attribute(name),
    '@tests': counts.tests,
    '@failures': counts.failures,
    '@errors': counts.errors,
    '@skipped': counts.skipped,
    '@time': '0',
    ...(properties && { properties }),
    testcase: tests,
  };
}

function propertiesOf(result: ValidationResult, { url }: ResultContext) {
  const { violations, passed, objects, errors, skipped, invalid } = tallyOf(result);
  const figures = {
    decision: result.decision,
    fail_on: result.fail_on,
    objects,
    passed,
    failed: violations.counts.length,
    in_baseline: violations.existing.length,
    waived: violations.waived.length,
    errors,
    skipped,
    invalid_documents: invalid,
    ...(url !== undefined && { url: attribute(url) }),
  };
  return { property: Object.entries(figures).map(([name, value]) => ({ '@name': name, '@value': String(value) })) };
}

function countsOf(tests: readonly TestCase[]) {
  const count = (what: 'failure' | 'error' | 'skipped'): string =>
    String(tests.filter((test) => test[what] !== undefined).length);
  return { tests: String(tests.length), failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

function testCase(name: string, classname: string): TestCase {
  return { '@name': attribute(name), '@classname': attribute(classname), '@time': '0' };
}

function outcome(type: string, message: string, text: string): Outcome {
  return { '@type': attribute(type), '@message': attribute(message), '#text': body(text) };
}

function attribute(text: string): string {
  return xmlText(oneLine(text));
}

function body(text: string): string {
  return xmlText(clipped(text, BODY_MAX)).trim();
}
