import { describe, expect, it } from '@jest/globals';
import type { Enforcement, Severity } from '#kernel';
import {
  asksForContent,
  asksForNamespaceLabels,
  BoundChecks,
  clusterMatches,
  decide,
  notConsidered,
  objectMatches,
  originMatches,
  selectorMatches,
} from './index.js';
import type {
  BindingItem,
  DecidingVerdict,
  EffectiveBinding,
  MissingFact,
  OriginFacts,
  TargetCondition,
  TargetSubject,
} from './index.js';

const aPod = (changes: Partial<TargetSubject> = {}): TargetSubject => ({
  gvk: { group: '', version: 'v1', kind: 'Pod' },
  namespace: 'shop',
  name: 'web',
  labels: { app: 'web' },
  ...changes,
});
const clusterRole = aPod({
  gvk: { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
  namespace: '',
  name: 'r',
});
const aNamespace = (name: string, labels = {}) =>
  aPod({ gvk: { group: '', version: 'v1', kind: 'Namespace' }, namespace: '', name, labels });

describe('a target (F2, F3)', () => {
  it.each<[string, TargetCondition, TargetSubject, boolean]>([
    ['nothing set matches everything', {}, aPod(), true],
    ['a kind in any group', { kinds: ['Pod'] }, aPod(), true],
    ['a kind of another group', { kinds: ['apps/Pod'] }, aPod(), false],
    ['a name by glob', { names: ['w*'] }, aPod(), true],
    ['a name that is another', { names: ['api'] }, aPod(), false],
    ['a namespace that is let in', { namespaces: { include: ['sh*'] } }, aPod(), true],
    ['a namespace that is kept out', { namespaces: { exclude: ['shop'] } }, aPod(), false],
    ['kept out wins over let in', { namespaces: { include: ['*'], exclude: ['shop'] } }, aPod(), false],
    ['labels of the object', { label_selector: { matchLabels: { app: 'web' } } }, aPod(), true],
    [
      'labels of the namespace',
      { namespace_selector: { matchLabels: { team: 'a' } } },
      aPod({ namespaceLabels: { team: 'a' } }),
      true,
    ],
    ['a namespace whose labels are unknown', { namespace_selector: { matchLabels: { team: 'a' } } }, aPod(), false],
    ['cluster scope', { scope: 'Cluster' }, aPod(), false],
    ['cluster-scoped under a namespace condition', { namespaces: { exclude: ['x'] } }, clusterRole, false],
    [
      'cluster-scoped where they are included',
      { namespaces: { exclude: ['x'] }, include_cluster_scoped: true },
      clusterRole,
      true,
    ],
    [
      'a Namespace by its own name',
      { namespaces: { exclude: ['kube-*'] }, include_cluster_scoped: true },
      aNamespace('kube-system'),
      false,
    ],
    [
      'a Namespace by its own labels',
      { namespace_selector: { matchLabels: { team: 'a' } } },
      aNamespace('n', { team: 'a' }),
      true,
    ],
  ])('%s', (_what, condition, subject, expected) => {
    expect(objectMatches(condition, subject)).toBe(expected);
  });

  it.each<[string, TargetCondition, boolean]>([
    ['one of several', { any_of: [{ names: ['api'] }, { label_selector: { matchLabels: { app: 'web' } } }] }, true],
    ['none of several', { any_of: [{ names: ['api'] }, { kinds: ['apps/*'] }] }, false],
    ['nothing that is left out', { none_of: [{ names: ['api'] }, { namespaces: { include: ['kube-*'] } }] }, true],
    ['something that is left out', { none_of: [{ namespaces: { include: ['shop'] }, names: ['web'] }] }, false],
    ['half of what is left out', { none_of: [{ namespaces: { include: ['shop'] }, names: ['api'] }] }, true],
    ['something else that it is not', { kinds: ['Job'], any_of: [{ names: ['web'] }] }, false],
  ])('takes conditions together: an object that is %s', (_what, condition, expected) => {
    expect(objectMatches(condition, aPod())).toBe(expected);
  });

  it('asks for a name that ends in * of what the name was made of, too', () => {
    const made = aPod({ name: 'other', generateName: 'web-' });
    const meant = (name: string): boolean => objectMatches({ names: [name] }, made);
    expect([meant('web-*'), meant('*eb*'), meant('oth*'), meant('*web-'), meant('web-')]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('knows what it has to read of an object to tell', () => {
    const labels = { label_selector: { matchLabels: { a: 'b' } } };
    const ofNamespace = { namespace_selector: { matchLabels: { a: 'b' } } };
    const asked: TargetCondition[] = [
      { kinds: ['Pod'], names: ['a*b'] },
      labels,
      { none_of: [labels] },
      { names: ['a*'] },
    ];
    expect(asked.map(asksForContent)).toEqual([false, true, true, true]);
    expect([labels, ofNamespace, { any_of: [ofNamespace] }].map(asksForNamespaceLabels)).toEqual([false, true, true]);
  });

  it('does not take for a label what every object of JavaScript has', () => {
    expect(selectorMatches({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, {})).toBe(false);
  });

  it('asks for a fact of the cluster that nobody gave: neither yes nor no (F4)', () => {
    expect(clusterMatches({ clusters: { environments: ['prod'] } }, {})).toBe('unknown');
    expect(clusterMatches({ clusters: { environments: ['prod'] } }, { environment: 'prod' })).toBe('yes');
    expect(clusterMatches({ clusters: { environments: ['prod'], ids: ['a'] } }, { environment: 'dev' })).toBe('no');
    expect(clusterMatches({ clusters: { labels: { a: '1' } } }, { labels: { a: '2' } })).toBe('no');
  });

  it.each<[string, TargetCondition, OriginFacts, MissingFact[] | 'yes' | 'no']>([
    ['nothing asked', {}, { cluster: {} }, 'yes'],
    ['a repository that was said', { repositories: ['acme/*'] }, { cluster: {}, repository: 'acme/shop' }, 'yes'],
    ['another repository', { repositories: ['acme/*'] }, { cluster: {}, repository: 'globex/shop' }, 'no'],
    ['a repository nobody said', { repositories: ['acme/*'] }, { cluster: {} }, ['repository']],
    ['who asks, outside admission', { subjects: [{ kind: 'User', name: 'a' }] }, { cluster: {} }, ['subject']],
    [
      'a cluster and a repository nobody said',
      { clusters: { ids: ['cls_1'] }, repositories: ['x'] },
      { cluster: {} },
      ['cluster', 'repository'],
    ],
    [
      'another cluster, and a repository nobody said',
      { clusters: { ids: ['cls_1'] }, repositories: ['x'] },
      { cluster: { id: 'cls_2' } },
      'no',
    ],
  ])('knows where objects come from, or what is missing to tell: %s (F4)', (_what, condition, facts, expected) => {
    const match = originMatches(condition, facts);
    expect(match.matches ? 'yes' : match.missing.length === 0 ? 'no' : match.missing).toEqual(expected);
  });

  it('means files by their path: what came without one is not meant', () => {
    expect(objectMatches({ paths: ['deploy/*'] }, aPod({ path: 'deploy/a.yaml' }))).toBe(true);
    expect(objectMatches({ paths: ['deploy/*'] }, aPod({ path: 'test/a.yaml' }))).toBe(false);
    expect(objectMatches({ paths: ['*'] }, aPod())).toBe(false);
  });

  it('has Kubernetes’ selectors: In, NotIn, Exists, DoesNotExist', () => {
    const has = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', labels: Record<string, string>): boolean =>
      selectorMatches({ matchExpressions: [{ key: 'k', operator, values: ['a'] }] }, labels);
    expect([has('In', { k: 'a' }), has('In', { k: 'b' }), has('In', {})]).toEqual([true, false, false]);
    expect([has('NotIn', { k: 'a' }), has('NotIn', { k: 'b' }), has('NotIn', {})]).toEqual([false, true, true]);
    expect([has('Exists', { k: '' }), has('Exists', {})]).toEqual([true, false]);
    expect([has('DoesNotExist', { k: '' }), has('DoesNotExist', {})]).toEqual([false, true]);
  });
});

const anItem = (changes: Partial<BindingItem> = {}): BindingItem => ({
  checkId: 1,
  policyId: 'p',
  slug: 'no-latest-tag',
  instance: '',
  title: 't',
  version: 1,
  severity: 'medium',
  category: 'security',
  kinds: ['Pod'],
  parameters: {},
  origin: 'builtin',
  ...changes,
});
const aBinding = (bindingId: string, changes: Partial<EffectiveBinding> = {}): EffectiveBinding => ({
  bindingId,
  name: bindingId,
  condition: {},
  enforcement: 'audit',
  onError: undefined,
  priority: 0,
  activeFrom: new Date(0),
  looks: true,
  items: [anItem()],
  ...changes,
});

describe('bindings that meet on an object (F1)', () => {
  const merge = (...bindings: EffectiveBinding[]) => new BoundChecks(bindings, { cluster: {} }).of(aPod(), {});
  const withParameters = (n: number): BindingItem[] => [anItem({ parameters: { n } })];

  it('give the strongest enforcement of all, and the parameters of the highest priority', () => {
    const low = aBinding('low', { enforcement: 'deny', items: withParameters(1) });
    const high = aBinding('high', { priority: 5, items: withParameters(2) });
    for (const order of [
      [low, high],
      [high, low],
    ]) {
      expect(merge(...order)).toMatchObject([{ enforcement: 'deny', parameters: { n: 2 }, bindings: ['high', 'low'] }]);
    }
  });

  it('of one priority: the newest decides', () => {
    const old = aBinding('old', { items: withParameters(1) });
    const recent = aBinding('recent', { activeFrom: new Date(9), items: withParameters(2) });
    expect(merge(old, recent)[0]?.parameters).toEqual({ n: 2 });
  });

  it('that select by labels of a namespace nobody knows are listed, not silently left out (F4)', () => {
    const selecting = aBinding('tier one', { condition: { namespace_selector: { matchLabels: { tier: 'one' } } } });
    expect(notConsidered([selecting, aBinding('b')], { cluster: {} }, ['shop'])).toEqual([
      { binding: 'tier one', reason: 'needs labels of namespace shop' },
    ]);
    expect(notConsidered([selecting], { cluster: {} }, [])).toEqual([]);
  });

  it('keep instances of one policy apart', () => {
    const items = [anItem(), anItem({ checkId: 2, instance: 'strict' })];
    expect(merge(aBinding('b', { items })).map(({ checkId }) => checkId)).toEqual([1, 2]);
  });

  it('judge nothing of other kinds, and list what needs a cluster', () => {
    expect(merge(aBinding('b', { items: [anItem({ kinds: ['Deployment'] })] }))).toEqual([]);
    const needy = aBinding('needy', { condition: { clusters: { ids: ['c'] } } });
    expect(merge(needy)).toEqual([]);
    expect(notConsidered([needy, aBinding('b')], { cluster: {} }, [])).toEqual([
      { binding: 'needy', reason: 'needs cluster' },
    ]);
  });
});

describe('the decision (F5)', () => {
  const one = (verdict: DecidingVerdict['verdict'], enforcement: Enforcement, severity: Severity): DecidingVerdict => ({
    verdict,
    enforcement,
    severity,
  });

  it.each<[string, DecidingVerdict[], Severity, string]>([
    ['nothing judged', [], 'high', 'allow'],
    ['a failure that is only audited, below the threshold', [one('fail', 'audit', 'medium')], 'high', 'allow'],
    ['a failure at the threshold', [one('fail', 'audit', 'high')], 'high', 'deny'],
    ['a failure over the threshold', [one('fail', 'audit', 'critical')], 'high', 'deny'],
    ['a failure under deny, however small', [one('fail', 'deny', 'info')], 'critical', 'deny'],
    ['a failure under warn', [one('fail', 'warn', 'low')], 'high', 'warn'],
    ['an error of any check', [one('error', 'audit', 'info')], 'high', 'warn'],
    ['an error beside a denial', [one('error', 'audit', 'info'), one('fail', 'deny', 'low')], 'high', 'deny'],
    ['what is waived never counts', [one('waived', 'deny', 'critical')], 'info', 'allow'],
    ['what was skipped never counts', [one('skipped', 'deny', 'critical')], 'info', 'allow'],
  ])('%s', (_what, verdicts, failOn, expected) => {
    expect(decide(verdicts, failOn)).toBe(expected);
  });
});
