import { Inject, Injectable } from '@nestjs/common';
import { type Scope, severityRank } from '#kernel';
import type { StockPolicy, StockSet } from '#engine';
import { Database, LOGGER, type Logger, type Tx } from '#platform';
import { builtInDigest, BuiltInLibrary, builtInPolicyId, builtInSetId } from './built-in-library.js';
import { PolicySet } from './policy-set.entity.js';
import { Policy } from './policy.entity.js';
import {
  POLICIES_CHANGED,
  POLICIES_PROVISIONED,
  type PoliciesChanged,
  type PoliciesProvisioned,
  POLICY_SET_CHANGED,
  type PolicySetChanged,
} from './policies.events.js';
import { noteShadowed, type Shadowing, shadowing } from './shadowing.store.js';

/** Gives organizations their rows of the built-in library, and new versions of them after an upgrade (T6). */
@Injectable()
export class ProvisioningService {
  constructor(
    private readonly database: Database,
    private readonly library: BuiltInLibrary,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Brings one organization's built-in policies and sets to this release, in a transaction of its own.
   * @param scope the platform's own
   */
  async reconcile(scope: Scope): Promise<void> {
    await this.database.run(scope, (tx) => this.provision(tx));
  }

  /**
   * The same within a transaction: what changed is told as an event. A policy or set of the organization's own keeps its
   * slug, which its references mean: the built-in one of the same slug is left out there, and its owner is told.
   */
  async provision(tx: Tx): Promise<void> {
    const orgId = tx.scope.orgId;
    // Replicas that start together take turns.
    await tx.query('select 1 from app.organization where org_id = $1 for no key update', [orgId]);
    const shadowed = await shadowing(tx, this.library);
    const present = await presentHeads(tx);
    const changed: string[] = [];
    for (const policy of this.library.policies) {
      if (shadowed.policies.has(policy.slug)) continue;
      const policyId = builtInPolicyId(orgId, policy.slug);
      const head = present.get(policyId);
      const digest = builtInDigest(policy);
      if (head?.digest.equals(digest) === true) continue;
      await writeVersion(tx, policy, policyId, (head?.version ?? 0) + 1, digest);
      changed.push(policyId);
    }
    const sets = await this.provisionSets(tx, shadowed);
    for (const own of await noteShadowed(tx, shadowed))
      this.logger.warn({ org_id: orgId, ...own }, 'an organization’s own slug leaves out what is built in');
    const provisioned: PoliciesProvisioned = { first: present.size === 0 };
    tx.emit({ topic: POLICIES_PROVISIONED, payload: { ...provisioned } });
    const payload: PoliciesChanged = { policy_ids: changed };
    if (changed.length > 0) tx.emit({ topic: POLICIES_CHANGED, payload: { ...payload } });
    // A new organization binds nothing yet.
    for (const policySetId of present.size === 0 ? [] : sets) {
      const setChanged: PolicySetChanged = { policy_set_id: policySetId };
      tx.emit({ topic: POLICY_SET_CHANGED, payload: { ...setChanged } });
    }
  }

  /** @returns the sets that have other members, or other parameters, than before */
  private async provisionSets(tx: Tx, shadowed: Shadowing): Promise<string[]> {
    const changed: string[] = [];
    for (const set of this.library.sets) {
      if (shadowed.sets.has(set.slug)) continue;
      if (await writeSet(tx, set, shadowed)) changed.push(builtInSetId(tx.scope.orgId, set.slug));
    }
    return changed;
  }
}

interface PresentHead {
  version: number;
  digest: Buffer;
}

/** The built-in policies that the organization has, by UUID, with what tells their versions apart. */
async function presentHeads(tx: Tx): Promise<Map<string, PresentHead>> {
  const rows = await tx.query<PresentHead & { policy_id: string }>(
    `select p.policy_id, p.version, v.digest
     from app.policy p join app.policy_version v on v.org_id = p.org_id and v.policy_id = p.policy_id and v.version = p.version
     where p.org_id = $1 and p.origin = 'builtin'`,
    [tx.scope.orgId],
  );
  return new Map(rows.map(({ policy_id: id, version, digest }) => [id, { version, digest }]));
}

async function writeVersion(
  tx: Tx,
  policy: StockPolicy,
  policyId: string,
  version: number,
  digest: Buffer,
): Promise<void> {
  const { metadata, slug } = policy;
  const orgId = tx.scope.orgId;
  const head: Policy = {
    orgId,
    policyId,
    slug,
    origin: 'builtin',
    title: metadata.title,
    category: metadata.category,
    severity: severityRank(metadata.severity),
    status: 'published',
    version,
    kinds: metadata.kinds,
    updatedAt: tx.now,
    revision: version,
    source: null,
    importKey: null,
  };
  await tx.repository(Policy).upsert(head, ['orgId', 'policyId']);
  // TypeORM types a jsonb column by its members, and JSON has no fixed ones.
  await tx.query(
    `insert into app.policy_version (org_id, policy_id, version, digest, metadata, created_at, published_at)
     values ($1, $2, $3, $4, $5, $6, $6)`,
    [orgId, policyId, version, digest, JSON.stringify(metadata), tx.now],
  );
}

/** @returns whether its members, or what it gives them, changed */
async function writeSet(tx: Tx, set: StockSet, shadowed: Shadowing): Promise<boolean> {
  const orgId = tx.scope.orgId;
  const policySetId = builtInSetId(orgId, set.slug);
  const { slug, title, description } = set;
  await tx
    .repository(PolicySet)
    .upsert({ orgId, policySetId, slug, title, description, origin: 'builtin', revision: 1 }, ['orgId', 'policySetId']);
  const items = set.policies
    .filter(({ policy }) => !shadowed.policies.has(policy))
    .map(({ policy, instance, parameters }) => ({ policy_id: builtInPolicyId(orgId, policy), instance, parameters }));
  const changed = await tx.query(
    `with wanted as (
       select * from jsonb_to_recordset($3::jsonb) as r(policy_id uuid, instance text, parameters jsonb)),
     gone as (
       delete from app.policy_set_item i where org_id = $1 and policy_set_id = $2 and not exists (
         select 1 from wanted w where w.policy_id = i.policy_id and w.instance = i.instance)
       returning 1),
     written as (
       insert into app.policy_set_item (org_id, policy_set_id, policy_id, instance, parameters)
         select $1, $2, policy_id, instance, parameters from wanted
       on conflict (org_id, policy_set_id, policy_id, instance) do update set parameters = excluded.parameters
         where policy_set_item.parameters <> excluded.parameters
       returning 1)
     select 1 from gone union all select 1 from written`,
    [orgId, policySetId, JSON.stringify(items)],
  );
  return changed.length > 0;
}
