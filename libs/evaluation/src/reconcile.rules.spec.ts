import { describe, expect, it } from '@jest/globals';
import { severityRank } from '#kernel';
import type { Finding } from '#engine';
import {
  findingsDigest,
  reconcile,
  type JudgedPair,
  type PresentState,
  type PreviousJudgement,
  type ViolationHead,
} from './reconcile.rules.js';
import type { PairVerdict } from './verdict-bytes.rules.js';

const hash = (text: string): Buffer => Buffer.from(text);
const aFinding: Finding = { path: 'spec.replicas', found: 1, expected: 2, message: 'one replica' };

const aPair = (verdict: PairVerdict, changes: Partial<JudgedPair> = {}): JudgedPair => ({
  checkId: 1,
  policyVersion: 1,
  severity: 'medium',
  verdict,
  findings: verdict === 'fail' ? [aFinding] : [],
  ...changes,
});
const anOpenHead = (changes: Partial<ViolationHead> = {}): ViolationHead => ({
  violationId: 'v',
  checkId: 1,
  policyVersion: 1,
  findingsDigest: findingsDigest([aFinding]),
  severity: severityRank('medium'),
  since: new Date(0),
  resolvedAt: null,
  ...changes,
});
const before = (changes: Partial<PreviousJudgement> = {}): PreviousJudgement => ({
  verdicts: new Map([[1, 'fail']]),
  checkDigests: new Map(),
  bodyHash: hash('body'),
  sliceDigest: hash('slice'),
  engine: 'engine',
  ...changes,
});
const now = (changes: Partial<PresentState> = {}): PresentState => ({
  bodyHash: hash('body'),
  sliceDigest: hash('slice'),
  engine: 'engine',
  ...changes,
});
const unknown: PreviousJudgement = {
  verdicts: new Map(),
  checkDigests: new Map(),
  bodyHash: null,
  sliceDigest: null,
  engine: null,
};

/** What became of one violation: its kind, and how it was resolved. */
function outcome(
  pairs: JudgedPair[],
  present: PresentState,
  head: ViolationHead | undefined = anOpenHead(),
  previous = before(),
): (string | undefined)[] {
  const { violations } = reconcile(previous, head === undefined ? [] : [head], pairs, present);
  return violations.flatMap((change) => (change.kind === 'resolve' ? [change.kind, change.resolution] : [change.kind]));
}

describe('a violation that ends says why', () => {
  it.each<[string, JudgedPair[], PresentState]>([
    ['fixed', [aPair('pass')], now({ bodyHash: hash('mended') })],
    ['fixed', [aPair('pass')], now()],
    ['deleted', [], now({ bodyHash: null, sliceDigest: null })],
    ['target-changed', [], now({ sliceDigest: hash('other') })],
    ['policy-changed', [aPair('pass', { policyVersion: 2 })], now({ sliceDigest: hash('other') })],
    ['policy-changed', [aPair('pass')], now({ sliceDigest: hash('other parameters') })],
    ['policy-changed', [aPair('not_applicable')], now({ sliceDigest: hash('other parameters') })],
    ['engine-changed', [aPair('pass')], now({ engine: 'next' })],
    ['engine-changed', [aPair('not_applicable')], now({ engine: 'next' })],
    ['not-applicable', [aPair('not_applicable')], now({ bodyHash: hash('scaled to 0') })],
    ['not-applicable', [aPair('not_applicable')], now()],
    ['not-applicable', [aPair('folded')], now({ sliceDigest: hash('other'), engine: 'next' })],
  ])('%s', (resolution, pairs, present) => {
    expect(outcome(pairs, present)).toEqual(['resolve', resolution]);
  });

  it('fixed, where the object changed together with policy and engine: its author gets the credit', () => {
    const present = now({ bodyHash: hash('mended'), sliceDigest: hash('other'), engine: 'next' });
    expect(outcome([aPair('pass', { policyVersion: 2 })], present)).toEqual(['resolve', 'fixed']);
  });

  it('fixed, where nothing is known of the judgement before', () => {
    expect(outcome([aPair('pass')], now(), anOpenHead(), unknown)).toEqual(['resolve', 'fixed']);
  });
});

describe('a violation stays open', () => {
  it.each<PairVerdict>(['error', 'skipped', 'waived'])('while its check answers %s', (verdict) => {
    expect(outcome([aPair(verdict)], now({ bodyHash: hash('changed') }))).toEqual([]);
  });

  it('untouched while it fails in the same way', () => {
    expect(outcome([aPair('fail')], now({ bodyHash: hash('changed') }))).toEqual([]);
  });

  it('untouched where only the offered fix differs', () => {
    const fixed: Finding = { ...aFinding, fix: [{ op: 'replace', path: '/spec/replicas', value: 2 }] };
    expect(outcome([aPair('fail', { findings: [fixed] })], now())).toEqual([]);
  });

  it.each<[string, Partial<JudgedPair>]>([
    ['findings', { findings: [{ ...aFinding, found: 0 }] }],
    ['container', { findings: [{ ...aFinding, container: 'app' }] }],
    ['message', { findings: [{ ...aFinding, message: 'no autoscaler was posted' }] }],
    ['policy version', { policyVersion: 2 }],
    ['severity', { severity: 'high' }],
  ])('in a new interval where its %s changed', (_what, changes) => {
    expect(outcome([aPair('fail', changes)], now())).toEqual(['change']);
  });

  it('takes a null that was found and nothing that was found for the same, as JSON does', () => {
    const { found: _absent, ...without } = aFinding;
    expect(findingsDigest([without])).toEqual(findingsDigest([{ ...aFinding, found: null }]));
  });
});

describe('a violation opens', () => {
  it('where a pair fails for the first time', () => {
    const { violations } = reconcile(unknown, [], [aPair('fail')], now());
    expect(violations).toEqual([{ kind: 'open', pair: aPair('fail'), digest: findingsDigest([aFinding]) }]);
  });

  it('again under its old id where it was resolved before', () => {
    const head = anOpenHead({ resolvedAt: new Date(1) });
    const { violations } = reconcile(unknown, [head], [aPair('fail')], now());
    expect(violations).toMatchObject([{ kind: 'reopen', head: { violationId: 'v' } }]);
  });

  it.each<PairVerdict>(['pass', 'error', 'skipped', 'waived', 'not_applicable', 'folded'])('not with %s', (verdict) => {
    expect(reconcile(unknown, [], [aPair(verdict)], now()).violations).toEqual([]);
    const resolved = anOpenHead({ resolvedAt: new Date(1) });
    expect(reconcile(unknown, [resolved], [aPair(verdict)], now()).violations).toEqual([]);
  });

  it('and leaves the object’s other violations alone', () => {
    const other = anOpenHead({ violationId: 'w', checkId: 2 });
    const { violations } = reconcile(before(), [other], [aPair('fail'), aPair('error', { checkId: 2 })], now());
    expect(violations.map(({ kind }) => kind)).toEqual(['open']);
  });
});

describe('counts', () => {
  const changes = (was: [number, PairVerdict][], is: JudgedPair[], present = now()): unknown =>
    reconcile(before({ verdicts: new Map(was) }), [], is, present).counts;

  it('move from one verdict to the other', () => {
    expect(changes([[1, 'pass']], [aPair('fail')])).toEqual([
      { checkId: 1, verdict: 'pass', by: -1 },
      { checkId: 1, verdict: 'fail', by: 1 },
    ]);
  });

  it('do not move where the verdict is the same', () => {
    expect(changes([[1, 'fail']], [aPair('fail', { findings: [] })])).toEqual([]);
  });

  it.each<PairVerdict>(['not_applicable', 'folded'])('do not know %s', (outside) => {
    expect(changes([[1, outside]], [aPair('pass')])).toEqual([{ checkId: 1, verdict: 'pass', by: 1 }]);
    expect(changes([[1, 'pass']], [aPair(outside)])).toEqual([{ checkId: 1, verdict: 'pass', by: -1 }]);
    expect(changes([], [aPair(outside)])).toEqual([]);
  });

  it('lose what a deleted object had', () => {
    const was: [number, PairVerdict][] = [
      [1, 'pass'],
      [2, 'error'],
      [3, 'not_applicable'],
    ];
    expect(changes(was, [], now({ bodyHash: null }))).toEqual([
      { checkId: 1, verdict: 'pass', by: -1 },
      { checkId: 2, verdict: 'error', by: -1 },
    ]);
  });
});
