import { publicId, uuidV5 } from '#kernel';
import type { TargetCondition } from '#decision';
import { builtInSetId } from '#policies';
import type { Tx } from '#platform';
import { Binding, BindingTrigger } from './binding.entity.js';
import { numberChecks } from './checks.store.js';
import { defaultTrigger } from './default-triggers.js';
import { LATEST } from './pin.rules.js';
import { Target } from './target.entity.js';
import { Trigger } from './trigger.entity.js';

/** Namespaces of Kubernetes itself and of the agent: shown as excluded, with a count. */
export const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'bylaw-system'];

/** When it looks. */
const TYPES = ['object-change', 'schedule', 'ci', 'git-push'] as const;

/**
 * Gives a new organization its one binding: `best-practices` on everything but the system's namespaces, audited.
 * @param tx the transaction that makes the organization
 */
export async function createDefaultBinding(tx: Tx): Promise<void> {
  const orgId = tx.scope.orgId;
  const id = (name: string): string => uuidV5(orgId, `default/${name}`);
  const condition: TargetCondition = { namespaces: { exclude: SYSTEM_NAMESPACES }, include_cluster_scoped: true };
  const targetId = id('target');
  await tx.repository(Target).insert({ orgId, targetId, name: 'everything', condition, revision: 1 });
  const triggers = TYPES.map((type) => defaultTrigger(orgId, id(type), type, tx.now));
  await tx.repository(Trigger).insert(triggers);
  const bindingId = id('binding');
  await tx.repository(Binding).insert({
    orgId,
    bindingId,
    revision: 1,
    name: 'default',
    targetId,
    policySetId: builtInSetId(orgId, 'best-practices'),
    enforcement: 'audit',
    onError: null,
    priority: 0,
    parameters: {},
    pin: LATEST,
    pinned: null,
    pinnedModule: null,
    activeFrom: tx.now,
  });
  await tx.repository(BindingTrigger).insert(triggers.map(({ triggerId }) => ({ orgId, bindingId, triggerId })));
  await numberChecks(tx);
  tx.audit({
    action: 'binding.create',
    subject: publicId('binding', bindingId),
    after: { name: 'default', policy_set: 'best-practices', target: condition },
  });
}
