import type { BindingShape, TargetShape, TriggerShape } from '#contracts';
import type { TestAnswer, TestClient } from './test-client.js';

/** What a binding of a test's own is made of. */
export interface OwnBinding {
  binding: BindingShape;
  target: TargetShape;
  trigger: TriggerShape;
}

/**
 * Makes a target, a trigger and a binding of its own for an organization: one policy, denied.
 * @param owner whose it is
 * @param more other members of the binding, and of the target under `target`
 */
export async function bindOwn(
  owner: TestClient,
  more: { name?: string; target?: object } & Record<string, unknown> = {},
): Promise<OwnBinding> {
  const { name = 'own', target: condition = {}, ...members } = more;
  const target = created(await owner.post('/api/v1/targets', { name, ...condition })) as TargetShape;
  const trigger = created(await owner.post('/api/v1/triggers', { name, type: 'object-change' })) as TriggerShape;
  const binding = created(
    await owner.post('/api/v1/bindings', {
      name,
      target_id: target.id,
      trigger_ids: [trigger.id],
      enforcement: 'deny',
      ...('policy_set' in members ? {} : { policies: [{ policy: 'no-latest-tag' }] }),
      ...members,
    }),
  ) as BindingShape;
  return { binding, target, trigger };
}

function created({ status, body }: TestAnswer): unknown {
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}
