import { describe, expect, it } from '@jest/globals';
import { RegoCompiler } from '#engine';
import type { JsonObject } from '#kernel';
import { inventoryRelation, syncedBy } from './gatekeeper-sync.rules.js';
import { ownSource } from './own-policy.rules.js';

const aConfig = (spec: JsonObject, name = 'config'): JsonObject => ({
  apiVersion: 'config.gatekeeper.sh/v1alpha1',
  kind: 'Config',
  metadata: { name },
  spec,
});
const aSyncSet = (...gvks: JsonObject[]): JsonObject => ({
  apiVersion: 'syncset.gatekeeper.sh/v1alpha1',
  kind: 'SyncSet',
  metadata: { name: 'set' },
  spec: { gvks },
});
const aTemplate = (requires?: string): JsonObject => ({
  kind: 'ConstraintTemplate',
  metadata: {
    name: 'unique',
    annotations: requires === undefined ? {} : { 'metadata.gatekeeper.sh/requires-sync-data': requires },
  },
});
const service = { group: '', version: 'v1', kind: 'Service' };
const ingress = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' };
const REQUIRES = `"[[{"groups": ["networking.k8s.io", "extensions"], "versions": ["v1", "v1beta1"], "kinds": ["Ingress"]}]]"\n`;

describe('what Gatekeeper keeps of a cluster', () => {
  it('is what Config and SyncSets say together, but for what Config leaves out of it', () => {
    const match = [
      { processes: ['sync'], excludedNamespaces: ['kube-*'] },
      { processes: ['audit'], excludedNamespaces: ['shop'] },
      { processes: ['*'], excludedNamespaces: ['data'] },
    ];
    const config = aConfig({ sync: { syncOnly: [service] }, match });
    expect(syncedBy([config, aSyncSet(ingress, service), { kind: 'Pod' }])).toEqual({
      kinds: ['core/Service', 'networking.k8s.io/Ingress'],
      except: ['data', 'kube-*'],
    });
    expect(syncedBy([aConfig({ sync: { syncOnly: [service] } }, 'other')])).toEqual({ kinds: [], except: [] });
    expect(syncedBy([aConfig('x' as unknown as JsonObject), aSyncSet('y' as unknown as JsonObject)])).toEqual({
      kinds: [],
      except: [],
    });
  });
});

describe('what a template finds in data.inventory', () => {
  const nothing = { kinds: [], except: [] };

  it('is what it says that it needs, in any of the groups that will do', () => {
    expect(inventoryRelation(aTemplate(REQUIRES), nothing)).toEqual({
      relation: {
        name: 'inventory',
        kind: ['extensions/Ingress', 'networking.k8s.io/Ingress'],
        select: 'inventory',
        need: 'complete',
      },
      notes: [],
    });
  });

  it('is all that is kept where it says nothing', () => {
    expect(inventoryRelation(aTemplate(), { kinds: ['core/Service'], except: ['kube-*', 'data'] })).toEqual({
      relation: {
        name: 'inventory',
        kind: 'core/Service',
        select: 'inventory(except: kube-*, data)',
        need: 'complete',
      },
      notes: [],
    });
  });

  it('is said where Gatekeeper was not told to keep it', () => {
    const answer = inventoryRelation(aTemplate(REQUIRES), { kinds: ['networking.k8s.io/Ingress'], except: [] });
    expect(answer).toMatchObject({ notes: [expect.stringContaining('extensions/Ingress')] });
  });

  it.each<[string, string | undefined, { kinds: string[]; except: string[] }, RegExp]>([
    ['nothing says what is kept', undefined, nothing, /nothing says which kinds/],
    ['its annotation is no JSON', '[[', nothing, /annotation/],
    ['its annotation says something else', '[[{"kinds": ["Pod"]}]]', nothing, /annotation/],
    ['it needs nothing', '[]', nothing, /nothing says which kinds/],
    ['it needs what is no kind', undefined, { kinds: ['core/pod'], except: [] }, /core\/pod, which is no kind/],
    [
      'it needs very much',
      undefined,
      { kinds: Array.from({ length: 21 }, (_, n) => `a/K${n}`), except: [] },
      /21 kinds/,
    ],
    [
      'too much is left out',
      undefined,
      { kinds: ['a/K'], except: Array.from({ length: 11 }, (_, n) => `n${n}`) },
      /leaves out/,
    ],
    ['an empty name is left out', undefined, { kinds: ['a/K'], except: [''] }, /leaves out/],
  ])('can’t be told where %s', (_what, requires, synced, reason) => {
    const answer = inventoryRelation(aTemplate(requires), synced);
    expect('skipped' in answer ? answer.skipped : '').toMatch(reason);
  });

  it('is a relation that the compiler takes', async () => {
    const except = ['*', '*-system', '*a*', 'kube-*', 'shop'];
    const answer = inventoryRelation(aTemplate(REQUIRES), { kinds: [], except });
    if ('skipped' in answer) throw new Error(answer.skipped);
    const rego =
      'package mine\n\nviolation contains {"path": "a", "found": 1, "expected": 2, "message": "m"} if true\n';
    const about = { title: 'A policy', category: 'security', severity: 'low', kinds: ['*'] };
    const source = ownSource('mine', rego, { ...about, related: [{ ...answer.relation }] });
    const compiler = new RegoCompiler();
    const { errors } = await compiler.check({ lib: [], policies: [Object.assign(source, { dialect: 'gatekeeper' })] });
    await compiler.close();
    expect(errors.filter(({ message }) => message.includes('related'))).toEqual([]);
  });
});
