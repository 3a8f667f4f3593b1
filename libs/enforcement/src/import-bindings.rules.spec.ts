import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { convertBindings, type ConvertedDocument, type ForeignBinding } from './import-bindings.rules.js';

const aConstraint = (name: string, path?: string, spec: JsonObject = {}): ForeignBinding => ({
  from: 'gatekeeper-constraint',
  object: { apiVersion: 'constraints.gatekeeper.sh/v1', kind: 'Owners', metadata: { name }, spec },
  ...(path !== undefined && { path }),
});
const aConfig = (excluded: string[], name = 'config'): ForeignBinding => ({
  from: 'gatekeeper-config',
  object: {
    kind: 'Config',
    metadata: { name },
    spec: { match: [{ processes: ['*'], excludedNamespaces: excluded }] },
  },
});
const weave = (from: ForeignBinding['from'], name: string, spec: JsonObject): ForeignBinding => ({
  from,
  object: { metadata: { name }, spec },
});
const keyOf = (document: ConvertedDocument | undefined): string =>
  document === undefined ? '' : 'key' in document ? document.key : 'reason' in document ? document.reason : document.as;

describe('documents of one import', () => {
  it('of one kind and name in different files are two constraints, whatever their order', () => {
    const documents = [aConstraint('a', 'z.yaml'), aConstraint('a', 'b.yaml'), aConstraint('b', 'z.yaml')];
    const keys = ['gatekeeper/Owners/a@z.yaml', 'gatekeeper/Owners/a', 'gatekeeper/Owners/b'];
    expect(convertBindings(documents).map(keyOf)).toEqual(keys);
    expect(convertBindings([...documents].reverse()).map(keyOf)).toEqual([...keys].reverse());
  });

  it('of one kind and name in one file are one: the later counts', () => {
    expect(convertBindings([aConstraint('a'), aConstraint('a')]).map(keyOf)).toEqual([
      'a later document of this kind and name takes its place',
      'gatekeeper/Owners/a',
    ]);
  });

  it('are bound by what Config leaves out, wherever it stands among them', () => {
    const [constraint, config, other] = convertBindings([
      aConstraint('a'),
      aConfig(['kube-*']),
      aConfig(['shop'], 'other'),
    ]);
    expect(constraint).toMatchObject({
      bindings: [{ condition: { none_of: [{ namespaces: { include: ['kube-*'] } }] } }],
    });
    expect([config?.as, other?.as]).toEqual(['heard', 'skipped']);
  });

  it('of Weave choose modes, members and parameters for each other', () => {
    const spec = { id: 'p', category: 'security', parameters: [{ name: 'count' }] };
    const [policy, set, config, twice, sync] = convertBindings([
      weave('weave-policy', 'p', spec),
      weave('weave-policy-set', 's', { mode: 'audit', filters: { categories: ['security'] } }),
      weave('weave-policy-config', 'c', { match: { namespaces: ['a'] }, config: { p: { parameters: { count: 2 } } } }),
      weave('weave-policy-config', 'd', { match: { namespaces: ['a'] }, config: {} }),
      { from: 'gatekeeper-config', object: { kind: 'SyncSet', metadata: { name: 's' } } },
    ]);
    expect(policy).toMatchObject({
      key: 'weave/Policy/p',
      bindings: [
        { part: 'audit' },
        { part: 'audit/c@namespace' },
        { part: 'admission' },
        { part: 'admission/c@namespace' },
      ],
    });
    expect(set).toEqual({ as: 'set', key: 'weave/PolicySet/s', title: 's', policies: ['weave/Policy/p'], notes: [] });
    expect([config?.as, keyOf(twice), sync?.as]).toEqual([
      'heard',
      'PolicyConfig c targets namespaces/a already',
      'heard',
    ]);
  });

  it.each<[string, ForeignBinding]>([
    ['a name that no cluster took', aConstraint('a#b')],
    ['NUL in its parameters', aConstraint('a', 'a.yaml', { parameters: { 'a\0': 1 } })],
    ['half a character in its file’s name', aConstraint('a', 'a\ud800.yaml')],
    ['nothing that it should have', { from: 'gatekeeper-constraint', object: {} }],
    ['a spec that is a text', weave('weave-policy', 'p', 'x' as unknown as JsonObject)],
  ])('with %s are skipped, and say why', (_what, document) => {
    expect(convertBindings([document])).toEqual([{ as: 'skipped', reason: expect.stringMatching(/.{10}/) }]);
  });
});
