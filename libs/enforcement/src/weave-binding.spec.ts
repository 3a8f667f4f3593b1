import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '#kernel';
import { BoundChecks, type EffectiveBinding, type TargetSubject } from '#decision';
import type { ConvertedBindings } from './import-conversion.js';
import { cataloguedAs, convertWeavePolicy } from './weave-binding.rules.js';
import { readPolicyConfig, type WeaveConfig, whyRefused } from './weave-policy-config.rules.js';
import { MODEL_POLICY, type Thing, weaveSays } from './testdata/weave-model.js';
import { isMember, modesOf, readPolicySet, type WeavePolicySet } from './weave-policy-set.rules.js';

const ID = MODEL_POLICY;
const aPolicy = (spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'pac.weave.works/v2beta3',
  kind: 'Policy',
  metadata: { name: ID },
  spec: { id: ID, provider: 'kubernetes', parameters: ['count', 'owner', 'extra'].map((name) => ({ name })), ...spec },
});
const aConfig = (name: string, match: JsonObject, parameters: JsonObject, id = ID): JsonObject => ({
  metadata: { name },
  spec: { match, config: { [id]: { parameters } } },
});
const read = (...documents: JsonObject[]): WeaveConfig[] =>
  documents.map((document) => {
    const config = readPolicyConfig(document);
    if ('skipped' in config) throw new Error(config.skipped);
    return config;
  });
const converted = (
  spec: JsonObject = {},
  sets: WeavePolicySet[] = [],
  configs: WeaveConfig[] = [],
): ConvertedBindings => {
  const result = convertWeavePolicy(aPolicy(spec), sets, configs);
  if ('skipped' in result) throw new Error(result.skipped);
  return result;
};
const skipped = (spec: JsonObject, ...configs: WeaveConfig[]): string => {
  const result = convertWeavePolicy(aPolicy(spec), [], configs);
  return 'skipped' in result ? result.skipped : JSON.stringify(result);
};

/** What a policy is given for an object in a mode; undefined where it does not judge it. */
function parametersFor(bound: ConvertedBindings, mode: 'audit' | 'admission', thing: Thing): JsonObject | undefined {
  const trigger = mode === 'audit' ? 'object-change' : 'admission';
  const bindings = bound.bindings.map(
    ({ part, condition, enforcement, triggers, parameters, priority }, index): EffectiveBinding => ({
      bindingId: part,
      name: part,
      condition,
      enforcement,
      onError: undefined,
      priority,
      activeFrom: new Date(index),
      looks: triggers.includes(trigger),
      items: [
        {
          checkId: 1,
          policyId: 'p',
          slug: ID,
          instance: '',
          title: '',
          version: 1,
          severity: 'low',
          category: 'security',
          kinds: ['*'],
          parameters,
          origin: 'imported',
        },
      ],
    }),
  );
  const subject: TargetSubject = {
    gvk: { group: thing.kind === 'Deployment' ? 'apps' : '', version: 'v1', kind: thing.kind },
    namespace: thing.namespace,
    name: thing.name,
    labels: thing.labels,
    namespaceLabels: thing.workspace === undefined ? {} : { 'toolkit.fluxcd.io/tenant': thing.workspace },
  };
  const [check] = new BoundChecks(bindings, { cluster: {} }).of(subject, {});
  return check?.parameters;
}

const web: Thing = {
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  labels: { app: 'web', tier: '' },
  workspace: 'a',
};
const audited = (spec: JsonObject, thing: Thing): boolean =>
  parametersFor(converted(spec), 'audit', thing) !== undefined;

describe('a Weave policy', () => {
  it('is bound for the audit and for admission, denied unless enforce is false', () => {
    const summary = (spec: JsonObject) =>
      converted(spec).bindings.map(({ part, enforcement, triggers }) => [part, enforcement, triggers]);
    expect(summary({})).toEqual([
      ['audit', 'deny', ['object-change', 'schedule']],
      ['admission', 'deny', ['admission', 'ci', 'git-push']],
    ]);
    expect(summary({ enforce: true })).toEqual(summary({}));
    expect(summary({ enforce: false }).map(([, enforcement]) => enforcement)).toEqual(['audit', 'audit']);
  });

  it('that is not enabled is bound to nothing', () => {
    expect(converted({ enabled: false })).toMatchObject({
      bindings: [],
      notes: [expect.stringContaining('not enabled')],
    });
  });

  it.each<[string, JsonObject, Thing, boolean]>([
    ['a kind by its name alone, in any group', { targets: { kinds: ['Deployment'] } }, web, true],
    ['another kind', { targets: { kinds: ['Pod'] } }, web, false],
    ['a namespace by its name', { targets: { namespaces: ['shop'] } }, web, true],
    [
      'a Namespace is in none',
      { targets: { namespaces: ['shop'] } },
      { ...web, kind: 'Namespace', namespace: '', name: 'shop' },
      false,
    ],
    ['one pair of labels of several', { targets: { labels: [{ app: 'api', tier: '*' }, { x: 'y' }] } }, web, true],
    ['no pair of labels', { targets: { labels: [{ app: 'api' }, { team: '*' }] } }, web, false],
    ['a namespace that is left out', { exclude: { namespaces: ['shop'] } }, web, false],
    [
      'a Namespace is left out by none',
      { exclude: { namespaces: ['shop'] } },
      { ...web, kind: 'Namespace', namespace: '', name: 'shop' },
      true,
    ],
    ['a resource that is left out', { exclude: { resources: ['data/web', 'shop/web'] } }, web, false],
    ['a resource of that name elsewhere', { exclude: { resources: ['data/web', 'shop/api'] } }, web, true],
    [
      'a cluster-scoped resource that is left out',
      { exclude: { resources: ['/web'] } },
      { ...web, kind: 'Node', namespace: '' },
      false,
    ],
    ['a label that is left out', { exclude: { labels: [{ app: 'api' }, { app: 'web' }] } }, web, false],
    ['a label that is left out whatever it says', { exclude: { labels: [{ tier: '*' }] } }, web, false],
  ])('means an object as Weave does: %s', (_what, spec, thing, expected) => {
    expect(audited(spec, thing)).toBe(expected);
  });

  it('lets through at admission what Weave always does', () => {
    const system: Thing = { ...web, namespace: 'kube-system' };
    expect(parametersFor(converted(), 'audit', system)).toEqual({});
    expect(parametersFor(converted(), 'admission', system)).toBeUndefined();
  });

  it('has no globs: what looks like one is nothing’s name, and said so', () => {
    const { notes, bindings } = converted({ targets: { kinds: ['Pod', 'Dep*'] }, exclude: { resources: ['a/b/c'] } });
    expect(notes).toEqual([
      'the kind Dep* is not heard: none is called so',
      'the excluded resource a/b/c is not heard: it is none of the form namespace/name',
    ]);
    expect(bindings[0]?.condition).toEqual({ kinds: ['Pod'] });
    expect(skipped({ targets: { namespaces: ['kube-*'] } })).toBe('no object is what it targets');
    expect(skipped({ targets: { labels: [{}] } })).toBe('no object is what it targets');
  });

  it('of another provider is skipped, and one that is none', () => {
    expect(skipped({ provider: 'terraform' })).toMatch(/of terraform, not Kubernetes/);
    expect(skipped({ targets: [] })).toMatch(/spec\.targets/);
  });
});

describe('a PolicySet', () => {
  const aSet = (spec: JsonObject): WeavePolicySet => {
    const set = readPolicySet({ metadata: { name: 'set' }, spec });
    if ('skipped' in set) throw new Error(set.skipped);
    return set;
  };
  const policy = cataloguedAs(
    aPolicy({ category: 'security', severity: 'high', standards: [{ id: 'pci' }], tags: ['tag'] }),
  );
  const catalogued = policy ?? { name: '', category: '', severity: '', standards: [], tags: [] };

  it.each<[string, JsonObject, boolean]>([
    ['its name', { ids: [ID] }, true],
    ['its category', { categories: ['x', 'security'] }, true],
    ['its severity', { severities: ['high'] }, true],
    ['a standard', { standards: ['pci'] }, true],
    ['a tag', { tags: ['tag'] }, true],
    ['nothing', {}, false],
    ['other things', { ids: ['x'], tags: ['y'], standards: ['z'] }, false],
  ])('holds a policy by %s: any filter will do', (_what, filters, expected) => {
    expect(isMember(catalogued, aSet({ mode: 'audit', filters }))).toBe(expected);
  });

  it('says in which mode a policy acts; a mode without sets has all, and a tenant’s is always asked for admission', () => {
    const other = aSet({ mode: 'admission', filters: { ids: ['x'] } });
    const mine = aSet({ mode: 'admission', filters: { ids: [ID] } });
    expect(modesOf(catalogued, [])).toEqual(['audit', 'admission']);
    expect(modesOf(catalogued, [other])).toEqual(['audit']);
    expect(modesOf(catalogued, [other, mine])).toEqual(['audit', 'admission']);
    expect(modesOf({ ...catalogued, tags: ['tenancy'] }, [other])).toEqual(['audit', 'admission']);
    expect(converted({}, [{ ...other, mode: 'audit' }, other])).toMatchObject({
      bindings: [],
      notes: ['no PolicySet has it: it is bound to nothing'],
    });
  });

  it('for Terraform, or of an age when it named no mode, is skipped', () => {
    expect(readPolicySet({ metadata: { name: 's' }, spec: { mode: 'tf-admission' } })).toMatchObject({
      skipped: expect.stringContaining('tf-admission'),
    });
    expect(readPolicySet({ metadata: { name: 's' }, spec: { filters: {} } })).toMatchObject({
      skipped: expect.stringContaining('no mode'),
    });
  });
});

describe('PolicyConfigs', () => {
  const app = { 'kustomize.toolkit.fluxcd.io/name': 'app-a', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' };

  it('set parameters one by one, from the workspace to the resource in its namespace', () => {
    const all: [string, JsonObject, JsonObject][] = [
      ['workspace', { workspaces: ['a'] }, { count: 1, owner: 'w', extra: 'w' }],
      ['namespace', { namespaces: ['shop'] }, { count: 2, owner: 'n' }],
      ['app', { apps: [{ kind: 'Kustomization', name: 'app-a' }] }, { count: 3 }],
      ['app-in', { apps: [{ kind: 'Kustomization', name: 'app-a', namespace: 'flux' }] }, { count: 4 }],
      ['resource', { resources: [{ kind: 'Deployment', name: 'web' }] }, { count: 5, owner: 'r' }],
      ['resource-in', { resources: [{ kind: 'Deployment', name: 'web', namespace: 'shop' }] }, { count: null }],
    ];
    const thing = { ...web, labels: app };
    const configs = read(...all.map(([name, match, parameters]) => aConfig(name, match, parameters)));
    const given = (taken: number): JsonObject | undefined =>
      parametersFor(converted({}, [], configs.slice(0, taken)), 'audit', thing);
    expect([0, 1, 2, 3, 4, 5, 6].map(given)).toEqual([
      {},
      { count: 1, owner: 'w', extra: 'w' },
      { count: 2, owner: 'n', extra: 'w' },
      { count: 3, owner: 'n', extra: 'w' },
      { count: 4, owner: 'n', extra: 'w' },
      { count: 5, owner: 'r', extra: 'w' },
      { count: null, owner: 'r', extra: 'w' },
    ]);
  });

  it('give a policy no parameter that it does not declare, and no other policy any', () => {
    const configs = read(
      aConfig('a', { namespaces: ['shop'] }, { other: 1 }),
      aConfig('b', { workspaces: ['a'] }, { count: 1 }, 'weave.policies.other'),
    );
    expect(converted({}, [], configs).bindings.map(({ part }) => part)).toEqual(['audit', 'admission']);
  });

  it('that say what Weave refuses are skipped', () => {
    const reason = (document: JsonObject): unknown => {
      const config = readPolicyConfig(document);
      return 'skipped' in config ? config.skipped : undefined;
    };
    expect(reason(aConfig('a', {}, {}))).toBe('it targets nothing');
    expect(reason(aConfig('a', { namespaces: ['a'], workspaces: ['b'] }, {}))).toMatch(/at once/);
    expect(reason(aConfig('a', { apps: [{ kind: 'Argo', name: 'b' }] }, {}))).toMatch(/of kind Argo/);
    expect(reason({ metadata: { name: 'a' }, spec: {} })).toMatch(/spec\.match/);
    const [first, second] = read(
      aConfig('first', { resources: [{ kind: 'Deployment', name: 'a' }] }, {}),
      aConfig('second', { resources: [{ kind: 'deployment', name: 'a' }] }, {}),
    );
    if (first === undefined || second === undefined) throw new Error('not read');
    expect(whyRefused(second, [first])).toBe('PolicyConfig first targets resources/deployment/a: already');
    expect(whyRefused(second, read(aConfig('x', { namespaces: ['a'] }, {})))).toBeUndefined();
  });

  it('that meet in more ways than can be written out have their policy skipped', () => {
    const configs = read(
      ...Array.from({ length: 20 }, (_, n) => aConfig(`w${n}`, { workspaces: [`w${n}`] }, { count: n })),
      ...Array.from({ length: 20 }, (_, n) => aConfig(`n${n}`, { namespaces: [`n${n}`] }, { owner: `o${n}` })),
    );
    expect(skipped({}, ...configs)).toMatch(/more than 100 combinations/);
  });

  it('give each object what Weave gives it, however they meet (random policies, configs and objects)', () => {
    const random = seeded(7);
    const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
    const some = <Item>(items: readonly Item[]): Item[] => items.filter(() => random() < 0.5);
    for (let round = 0; round < 150; round++) {
      const spec: JsonObject = {
        targets: {
          kinds: some(['Deployment', 'Pod']),
          namespaces: random() < 0.3 ? ['shop', 'data'] : [],
          labels: random() < 0.3 ? [{ app: 'web' }, { tier: '*' }] : [],
        },
        exclude: {
          namespaces: some(['data']).slice(0, 1),
          resources: some(['shop/web', '/web']),
          labels: random() < 0.2 ? [{ tier: 'gold' }] : [],
        },
      };
      const asked = Array.from({ length: 4 }, (_, n) => {
        const parameters = Object.fromEntries(
          some(['count', 'owner', 'extra']).map((name): [string, Json] => [name, `${n}`]),
        );
        const place = one(['', 'shop', 'data']);
        const where = place === '' ? {} : { namespace: place };
        const match: JsonObject = one([
          { workspaces: some(['a', 'b']) },
          { namespaces: some(['shop', 'data']) },
          { apps: [{ kind: one(['Kustomization', 'HelmRelease']), name: 'app-a', ...where }] },
          { resources: [{ kind: one(['Deployment', 'Pod']), name: one(['web', 'api']), ...where }] },
        ]);
        return aConfig(`c${n}`, match, parameters);
      });
      const configs: WeaveConfig[] = [];
      const documents: JsonObject[] = [];
      for (const document of asked) {
        const [config] = read(document);
        if (config === undefined || whyRefused(config, configs) !== undefined) continue;
        configs.push(config);
        documents.push(document);
      }
      const bound = converted(spec, [], configs);
      for (let n = 0; n < 20; n++) {
        const namespace = one(['shop', 'data', 'flux', '']);
        const thing: Thing = {
          kind: namespace === '' ? 'Node' : one(['Deployment', 'Pod']),
          namespace,
          name: one(['web', 'api']),
          labels: {
            ...one([{}, { app: 'web' }, { tier: 'gold' }]),
            ...one([
              {},
              { [`${one(['helm', 'kustomize'])}.toolkit.fluxcd.io/name`]: 'app-a' },
              appLabels(one(['helm', 'kustomize']), one(['shop', 'flux'])),
            ]),
          },
          ...(namespace !== '' && random() < 0.7 && { workspace: one(['a', 'b']) }),
        };
        const found = parametersFor(bound, 'audit', thing);
        expect({ spec, documents, thing, found }).toEqual({
          spec,
          documents,
          thing,
          found: weaveSays(spec, documents, thing),
        });
      }
    }
  });
});

function appLabels(tool: string, namespace: string): Record<string, string> {
  return { [`${tool}.toolkit.fluxcd.io/name`]: 'app-a', [`${tool}.toolkit.fluxcd.io/namespace`]: namespace };
}

/** Park–Miller: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
