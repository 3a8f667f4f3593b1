import type { BindingShape, PolicySetShape, TriggerShape } from '#contracts';
import { loadStockLibrary, type PolicyInfo } from '#engine';
import { gvkOf, kindMatches } from '#kube';
import type { TestClient } from '../../test/support/test-client.js';
import { aDeployment } from './objects.js';

/**
 * Binds policies of the library until so many checks apply to a Deployment, those of the default binding among them; where
 * the library has no more that judge one, they are repeated under other instances.
 * @param owner of the organization
 * @param checks how many
 * @returns the binding's id, and how many different policies they are
 */
export async function bindPolicies(owner: TestClient, checks: number): Promise<{ binding: string; policies: number }> {
  const slugs = await inOrder(owner);
  const policies = Array.from({ length: checks }, (_, n) => ({
    policy: slugs[n % slugs.length],
    ...(n >= slugs.length && { instance: `copy-${Math.floor(n / slugs.length)}` }),
  }));
  const triggers = (await owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
  const looking = triggers.items.filter(({ type }) => type === 'object-change' || type === 'ci');
  const target = await created<{ id: string }>(owner, '/api/v1/targets', { name: 'bench' });
  const binding = await created<BindingShape>(owner, '/api/v1/bindings', {
    name: 'bench',
    policies,
    target_id: target.id,
    trigger_ids: looking.map(({ id }) => id),
    enforcement: 'audit',
  });
  return { binding: binding.id, policies: Math.min(checks, slugs.length) };
}

/** Those that the default binding has come first, so that no more checks than wanted apply. */
async function inOrder(owner: TestClient): Promise<string[]> {
  const judging = (await policiesOfDeployments()).map(({ slug }) => slug);
  const { body } = await owner.get('/api/v1/policy-sets/best-practices');
  const bound = new Set((body as PolicySetShape).policies.map(({ policy }) => policy));
  return [...judging.filter((slug) => bound.has(slug)), ...judging.filter((slug) => !bound.has(slug))];
}

/** @returns the library's policies that judge a Deployment */
export async function policiesOfDeployments(): Promise<PolicyInfo[]> {
  const { manifest } = await loadStockLibrary();
  const deployment = aDeployment(0);
  const gvk = gvkOf(deployment) ?? { group: '', version: '', kind: '' };
  return manifest.policies.filter(({ metadata }) => metadata.kinds.some((kind) => kindMatches(kind, gvk, deployment)));
}

async function created<Shape>(owner: TestClient, path: string, body: object): Promise<Shape> {
  const answer = await owner.post(path, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body as Shape;
}
