import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import type { PolicyMetadata, RelatedDeclaration } from '#engine';
import { relatedKinds, resolveRelated } from './related.rules.js';

const anAutoscaler = (name: string, changes: JsonObject = {}): JsonObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name, namespace: 'shop', labels: { team: 'shop' } },
  spec: { minReplicas: 2, maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
  ...changes,
});
const declares = (changes: Partial<RelatedDeclaration> = {}): Pick<PolicyMetadata, 'related'> => ({
  related: [
    {
      name: 'autoscalers',
      kind: 'autoscaling/HorizontalPodAutoscaler',
      select: 'same_namespace',
      fields: ['metadata.name', 'spec.minReplicas'],
      need: 'refines',
      ...changes,
    } as RelatedDeclaration,
  ],
});
const source = (objects: Record<string, JsonObject[]>, complete = true) => ({
  complete,
  inNamespace: (namespace: string) => objects[namespace] ?? [],
});

describe('what a policy sees of other objects', () => {
  it('is cut to the fields that it declares, so that nothing else can change its verdict', () => {
    const found = resolveRelated(declares(), 'shop', source({ shop: [anAutoscaler('a')] }));
    expect(found).toEqual({ autoscalers: [{ metadata: { name: 'a' }, spec: { minReplicas: 2 } }] });
  });

  it('has whole what is declared whole, two fields of one parent together, and no trace of what is not there', () => {
    const fields = [
      'spec.scaleTargetRef',
      'spec.maxReplicas',
      'status.phase',
      'metadata.annotations.x',
      'spec.maxReplicas.x',
    ];
    const found = resolveRelated(declares({ fields }), 'shop', source({ shop: [anAutoscaler('a')] }));
    expect(found).toEqual({
      autoscalers: [{ spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 9 }, metadata: {} }],
    });
  });

  it('keeps a null that was written', () => {
    const object = anAutoscaler('a', { spec: { minReplicas: null } });
    const found = resolveRelated(declares({ fields: ['spec.minReplicas'] }), 'shop', source({ shop: [object] }));
    expect(found).toEqual({ autoscalers: [{ spec: { minReplicas: null } }] });
  });

  it('leaves the inventory’s object as it is', () => {
    const object = anAutoscaler('a');
    resolveRelated(
      declares({ fields: ['spec.scaleTargetRef.name', 'spec.minReplicas'] }),
      'shop',
      source({ shop: [object] }),
    );
    expect(object).toEqual(anAutoscaler('a'));
  });

  it('lies in the namespace of the judged object', () => {
    const objects = source({ shop: [anAutoscaler('a')], data: [anAutoscaler('b')] });
    const names = (namespace: string) =>
      resolveRelated(declares(), namespace, objects)['autoscalers']?.map((found) => found['metadata']);
    expect([names('shop'), names('data'), names('empty')]).toEqual([[{ name: 'a' }], [{ name: 'b' }], []]);
  });

  it('is of the declared kind and group', () => {
    const objects = source({
      shop: [
        anAutoscaler('a'),
        anAutoscaler('other group', { apiVersion: 'example.org/v1' }),
        anAutoscaler('other kind', { kind: 'ScaledObject' }),
        { metadata: { name: 'no kind' } },
      ],
    });
    expect(resolveRelated(declares(), 'shop', objects)['autoscalers']).toHaveLength(1);
    const both = declares({ kind: ['autoscaling/HorizontalPodAutoscaler', 'example.org/HorizontalPodAutoscaler'] });
    expect(resolveRelated(both, 'shop', objects)['autoscalers']).toHaveLength(2);
  });

  it('is empty, not absent, where nothing was found: the policy knows that somebody looked', () => {
    expect(resolveRelated(declares(), 'shop', source({}))).toEqual({ autoscalers: [] });
  });

  it('is absent where nothing was posted and no cluster named: the policy says what it assumed (E7)', () => {
    expect(resolveRelated(declares(), 'shop', source({}, false))).toEqual({});
    expect(
      resolveRelated(declares(), 'shop', source({ shop: [anAutoscaler('a')] }, false))['autoscalers'],
    ).toHaveLength(1);
  });
});

it('the kinds that policies look at are those of all their relations, each once and without its group', () => {
  const more = declares({ kind: ['a/B', 'C'] });
  expect(relatedKinds([declares(), more, undefined, declares()])).toEqual(['HorizontalPodAutoscaler', 'B', 'C']);
});
