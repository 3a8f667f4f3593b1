import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { type GatekeeperExclusions, NOTHING_EXCLUDED, readExclusions } from './gatekeeper-config.rules.js';
import { convertConstraint, isConstraint } from './gatekeeper-constraint.rules.js';
import { type ConvertedBindings, instanceOf } from './import-conversion.js';

const aConstraint = (spec: JsonObject = {}, name = 'owners'): JsonObject => ({
  apiVersion: 'constraints.gatekeeper.sh/v1beta1',
  kind: 'K8sRequiredLabels',
  metadata: { name },
  spec,
});
const converted = (
  spec?: JsonObject,
  exclusions: GatekeeperExclusions = NOTHING_EXCLUDED,
  path?: string,
): ConvertedBindings => {
  const result = convertConstraint(aConstraint(spec), exclusions, path);
  if ('skipped' in result) throw new Error(result.skipped);
  return result;
};
const skipped = (spec: JsonObject): string => {
  const result = convertConstraint(aConstraint(spec), NOTHING_EXCLUDED);
  return 'skipped' in result ? result.skipped : JSON.stringify(result);
};
const points = (...actions: [string, string[]][]): JsonObject => ({
  enforcementAction: 'scoped',
  scopedEnforcementActions: actions.map(([action, names]) => ({
    action,
    enforcementPoints: names.map((name) => ({ name })),
  })),
});

describe('a constraint', () => {
  it('is one binding of its template’s policy, denied unless it says otherwise', () => {
    const spec = { match: { kinds: [{ apiGroups: [''], kinds: ['Pod'] }] }, parameters: { labels: ['owner'] } };
    expect(converted(spec)).toEqual({
      key: 'gatekeeper/K8sRequiredLabels/owners',
      name: 'K8sRequiredLabels/owners',
      policy: 'gatekeeper/ConstraintTemplate/k8srequiredlabels',
      bindings: [
        {
          part: '',
          instance: 'owners',
          parameters: { labels: ['owner'] },
          condition: { kinds: ['/Pod'] },
          enforcement: 'deny',
          triggers: ['object-change', 'schedule', 'admission', 'ci', 'git-push'],
          priority: 0,
        },
      ],
      notes: [],
    });
    expect(converted({ enforcementAction: 'dryrun' }).bindings[0]?.enforcement).toBe('audit');
    expect(converted({ enforcementAction: 'warn' }).bindings[0]?.enforcement).toBe('warn');
  });

  it('means what lies in no namespace whatever it says of namespaces, as to Gatekeeper', () => {
    const [binding] = converted({ match: { namespaces: ['shop'] } }).bindings;
    expect(binding?.condition).toEqual({ namespaces: { include: ['shop'] }, include_cluster_scoped: true });
  });

  it('is a binding an enforcement point where it is scoped; what is less strict is a check of its own', () => {
    const spec = points(
      ['deny', ['validation.gatekeeper.sh', 'gator.gatekeeper.sh']],
      ['dryrun', ['audit.gatekeeper.sh']],
    );
    const bound = converted(spec).bindings;
    expect(
      bound.map(({ part, instance, enforcement, triggers }) => ({ part, instance, enforcement, triggers })),
    ).toEqual([
      { part: 'audit', instance: 'owners-audit', enforcement: 'audit', triggers: ['object-change', 'schedule'] },
      { part: 'admission', instance: 'owners', enforcement: 'deny', triggers: ['admission'] },
      { part: 'ci', instance: 'owners', enforcement: 'deny', triggers: ['ci', 'git-push'] },
    ]);
  });

  it('says what of its actions is not heard', () => {
    const spec = points(['deny', ['vap.k8s.io', 'audit.gatekeeper.sh']], ['warn', ['*']], ['block', ['*']]);
    expect(converted(spec).notes).toEqual([
      'the enforcement point vap.k8s.io is not heard: nothing here stands at it',
      'of its actions at audit, deny and warn, the stricter is kept',
      'the action block is not heard: Gatekeeper knows none of that name',
    ]);
    expect(skipped(points(['deny', ['vap.k8s.io']]))).toMatch(/no enforcement point that there is here/);
  });

  it('leaves out what Config leaves out, each process for itself; CI is as admission', () => {
    const exclusions = { ...NOTHING_EXCLUDED, webhook: ['kube-*'] };
    expect(
      converted({}, exclusions).bindings.map(({ part, triggers, condition }) => [part, triggers, condition]),
    ).toEqual([
      ['audit', ['object-change', 'schedule'], {}],
      ['admission', ['admission', 'ci', 'git-push'], { none_of: [{ namespaces: { include: ['kube-*'] } }] }],
    ]);
    const everywhere = { audit: ['shop'], webhook: ['shop'], sync: [] };
    expect(converted({}, everywhere).bindings.map(({ part }) => part)).toEqual(['']);
    const nothing = converted({}, { audit: ['*'], webhook: [], sync: [] });
    expect(nothing.bindings.map(({ part }) => part)).toEqual(['admission']);
    expect(nothing.notes).toEqual(['Config leaves out everything for audit']);
  });

  it('of the same kind and name in another file is another, with checks of its own', () => {
    const other = converted({}, NOTHING_EXCLUDED, 'team-b/owners.yaml');
    expect(other.key).toBe('gatekeeper/K8sRequiredLabels/owners@team-b/owners.yaml');
    expect(other.bindings[0]?.instance).toMatch(/^owners-[0-9a-f]{8}$/);
  });

  it.each(['a.b', 'Größe', '---', 'x'.repeat(253), 'a--b'])('called %s has checks with a name that can be', (name) => {
    const instance = instanceOf(name);
    expect(instance).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(instance.length).toBeLessThanOrEqual(57);
  });

  it.each<[string, JsonObject, RegExp]>([
    ['an action that Gatekeeper does not know', { enforcementAction: 'block' }, /no enforcementAction block/],
    ['what is generated', { match: { source: 'Generated' } }, /ExpansionTemplate/],
    ['a glob with * in the middle', { match: { namespaces: ['a*b'] } }, /spec\.match .*namespaces\.0/],
    ['a name in capitals', { match: { name: 'Web' } }, /spec\.match .*name/],
    [
      'no kind that there can be',
      { match: { kinds: [{ apiGroups: ['core'], kinds: ['Pod'] }] } },
      /no object is of a kind/,
    ],
    [
      'an unknown operator',
      { match: { labelSelector: { matchExpressions: [{ key: 'a', operator: 'Gt' }] } } },
      /operator/,
    ],
    ['kinds as a text', { match: { kinds: 'Pod' } }, /kinds/],
    ['a match that is a list', { match: [] }, /spec\.match/],
    ['parameters that are a list', { parameters: [] }, /parameters/],
    [
      'more kinds than a target holds',
      { match: { kinds: [{ apiGroups: ['*'], kinds: Array.from({ length: 300 }, (_, n) => `K${n}`) }] } },
      /a target can’t hold its kinds/,
    ],
  ])('is skipped with its reason where it asks for %s', (_what, spec, reason) => {
    expect(skipped(spec)).toMatch(reason);
  });

  it('says what of its match is not heard', () => {
    const match = { kinds: [{ kinds: ['Dep*', 'Pod'] }], scope: 'cluster', labelselector: {} };
    expect(converted({ match }).notes).toEqual([
      'spec.match.labelselector is not heard: Gatekeeper knows nothing of it',
      'spec.match.scope cluster is not heard: to Gatekeeper it is none',
      'Dep* is not heard: no group or kind is called so, and * stands for all by itself',
    ]);
  });

  it('is known by its group', () => {
    expect(isConstraint(aConstraint())).toBe(true);
    expect(isConstraint({ apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' })).toBe(false);
    expect(isConstraint({ apiVersion: 7 })).toBe(false);
  });
});

describe('a Config', () => {
  const read = (match: JsonObject[], name = 'config') => readExclusions({ metadata: { name }, spec: { match } });

  it('leaves out by process, for * all of them', () => {
    expect(
      read([
        { processes: ['audit', 'mutation-webhook'], excludedNamespaces: ['b', 'a'] },
        { processes: ['*'], excludedNamespaces: ['kube-*', 'a'] },
      ]),
    ).toEqual({
      exclusions: { audit: ['a', 'b', 'kube-*'], webhook: ['a', 'kube-*'], sync: ['a', 'kube-*'] },
      notes: ['what mutation-webhook leaves out is not heard: nothing here does its work'],
    });
  });

  it('of another name is none, as to Gatekeeper', () => {
    expect(read([], 'mine')).toEqual({ skipped: 'Gatekeeper hears only the Config that is called "config"' });
    expect(read([{ processes: ['*'], excludedNamespaces: ['A?'] }])).toMatchObject({
      skipped: expect.stringContaining('excludedNamespaces'),
    });
  });
});
