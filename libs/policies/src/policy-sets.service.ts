import { Injectable } from '@nestjs/common';
import { AppError, publicId, type Scope, uuidV7 } from '#kernel';
import type { CreatePolicySet, PatchPolicySet } from '#contracts';
import { Database, isUniqueViolation, refuseInUse, requireRevision, type Tx } from '#platform';
import { POLICY_SET_CHANGED, type PolicySetChanged } from './policies.events.js';
import { resolveItems, type ResolvedItem } from './policy-items.store.js';
import { PolicySet, PolicySetItem } from './policy-set.entity.js';

/** An organization's own policy sets; the built-in ones are edited by upgrades alone. */
@Injectable()
export class PolicySetsService {
  constructor(private readonly database: Database) {}

  /**
   * @returns its UUID
   * @throws AppError `slug_taken`, `policy_not_active`, `invalid_parameters`, `unprocessable`
   */
  async create(scope: Scope, request: CreatePolicySet): Promise<string> {
    try {
      return await this.database.run(scope, async (tx) => {
        const policySetId = uuidV7(tx.now.getTime());
        const items = await resolveItems(tx, request.policies);
        const { slug, title, description = '' } = request;
        const set: PolicySet = {
          orgId: scope.orgId,
          policySetId,
          slug,
          title,
          description,
          origin: 'custom',
          revision: 1,
        };
        await tx.repository(PolicySet).insert(set);
        await writeItems(tx, policySetId, items);
        tx.audit({
          action: 'policy-set.create',
          subject: publicId('policySet', policySetId),
          after: auditShape(set, items),
        });
        return policySetId;
      });
    } catch (error) {
      if (!isUniqueViolation(error, 'policy_set_org_id_slug_key')) throw error;
      throw new AppError('slug_taken', `Another policy set has the slug "${request.slug}": choose another.`, {
        cause: error,
      });
    }
  }

  /**
   * Changes title, description or members; what its bindings mean is looked at again.
   * @param revision that the change was made to
   * @throws AppError `not_found`, `stale_revision`, `read_only`, and as `create`
   */
  async patch(scope: Scope, policySetId: string, revision: number | undefined, change: PatchPolicySet): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const { set: before, items: itemsBefore } = await lockOwn(tx, policySetId, revision);
      const items = change.policies === undefined ? itemsBefore : await resolveItems(tx, change.policies);
      const after: PolicySet = {
        ...before,
        title: change.title ?? before.title,
        description: change.description ?? before.description,
        revision: before.revision + 1,
      };
      await tx.repository(PolicySet).save(after);
      if (items !== itemsBefore) {
        await writeItems(tx, policySetId, items);
        const payload: PolicySetChanged = { policy_set_id: policySetId };
        tx.emit({ topic: POLICY_SET_CHANGED, payload: { ...payload } });
      }
      tx.audit({
        action: 'policy-set.update',
        subject: publicId('policySet', policySetId),
        before: auditShape(before, itemsBefore),
        after: auditShape(after, items),
      });
    });
  }

  /** @throws AppError `not_found`, `stale_revision`, `read_only`, `in_use` with the bindings that use it */
  async remove(scope: Scope, policySetId: string, revision: number | undefined): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const { set, items } = await lockOwn(tx, policySetId, revision);
      const users = await tx.query<{ id: string; name: string }>(
        'select binding_id as id, name from app.binding where org_id = $1 and policy_set_id = $2 order by name',
        [scope.orgId, policySetId],
      );
      refuseInUse(
        'policy set',
        set.slug,
        users.map(({ id, name }) => ({ id: publicId('binding', id), name })),
      );
      await tx.repository(PolicySetItem).delete({ orgId: scope.orgId, policySetId });
      await tx.repository(PolicySet).delete({ orgId: scope.orgId, policySetId });
      tx.audit({
        action: 'policy-set.delete',
        subject: publicId('policySet', policySetId),
        before: auditShape(set, items),
      });
    });
  }
}

type MemberRow = Pick<ResolvedItem, 'policyId' | 'slug' | 'instance' | 'parameters'>;

async function lockOwn(
  tx: Tx,
  policySetId: string,
  revision: number | undefined,
): Promise<{ set: PolicySet; items: MemberRow[] }> {
  const where = { orgId: tx.scope.orgId, policySetId };
  const set = await tx.repository(PolicySet).findOne({ where, lock: { mode: 'pessimistic_write' } });
  if (set === null) throw new AppError('not_found', 'There is no policy set with this id.');
  if (set.origin === 'builtin')
    throw new AppError('read_only', `"${set.slug}" comes with the library: make a set of your own with its policies.`);
  requireRevision(set.revision, revision);
  const items = await tx.query<MemberRow>(
    `select i.policy_id as "policyId", p.slug, i.instance, i.parameters
     from app.policy_set_item i join app.policy p on p.org_id = i.org_id and p.policy_id = i.policy_id
     where i.org_id = $1 and i.policy_set_id = $2 order by p.slug, i.instance`,
    [tx.scope.orgId, policySetId],
  );
  return { set, items };
}

async function writeItems(tx: Tx, policySetId: string, items: readonly MemberRow[]): Promise<void> {
  const rows = items.map(({ policyId, instance, parameters }) => ({ policy_id: policyId, instance, parameters }));
  await tx.repository(PolicySetItem).delete({ orgId: tx.scope.orgId, policySetId });
  await tx.query(
    `insert into app.policy_set_item (org_id, policy_set_id, policy_id, instance, parameters)
     select $1, $2, policy_id, instance, parameters from jsonb_to_recordset($3::jsonb) as r(policy_id uuid, instance text, parameters jsonb)`,
    [tx.scope.orgId, policySetId, JSON.stringify(rows)],
  );
}

function auditShape({ slug, title, description }: PolicySet, items: readonly MemberRow[]): object {
  return {
    slug,
    title,
    description,
    policies: items.map((item) => ({ policy: item.slug, instance: item.instance, parameters: item.parameters })),
  };
}
