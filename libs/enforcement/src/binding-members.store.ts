import { AppError, type Enforcement, type ErrorPlace, type JsonObject, parsePublicId } from '#kernel';
import type { PatchBinding } from '#contracts';
import { ENGINE_ABI, type PolicyMetadata } from '#engine';
import { type BuiltInLibrary, requireParameters, resolveItems } from '#policies';
import type { Tx } from '#platform';
import type { PinnedLibrary } from './binding.entity.js';

/** What a binding binds: policies, or a set. */
export interface BindingMembers {
  policySetId: string | null;
  /** Null with a set. */
  items: { policyId: string; instance: string; parameters: JsonObject }[] | null;
}

interface MemberRow {
  policy_id: string;
  slug: string;
  instance: string;
  parameters: JsonObject;
  version: number;
  origin: string;
  metadata: PolicyMetadata;
  set_origin: string | null;
}

/**
 * @param tx the organization's transaction
 * @param request with `policies`, `policy_set`, or neither
 * @returns the members that are asked for, undefined where nothing is said of them
 * @throws AppError `unprocessable`, `policy_not_active`, `invalid_parameters`
 */
export async function membersOf(tx: Tx, request: PatchBinding): Promise<BindingMembers | undefined> {
  if (request.policies !== undefined) return { policySetId: null, items: await resolveItems(tx, request.policies) };
  if (request.policy_set === undefined) return undefined;
  const rows = await tx.query<{ policy_set_id: string }>(
    'select policy_set_id from app.policy_set where org_id = $1 and (slug = $2 or policy_set_id = $3) for share',
    [tx.scope.orgId, request.policy_set, parsePublicId('policySet', request.policy_set)],
  );
  const found = rows[0];
  if (found === undefined) {
    const detail = `There is no policy set ${request.policy_set.slice(0, 120)}.`;
    throw new AppError('unprocessable', detail, { errors: [{ pointer: '/policy_set', detail }] });
  }
  return { policySetId: found.policy_set_id, items: null };
}

/**
 * Checks what a binding would do: its parameters, and whether its policies can be enforced where it asks for it.
 * @throws AppError `invalid_parameters`, `not_enforceable`
 */
export async function checkMembers(
  tx: Tx,
  asked: {
    members: BindingMembers;
    parameters: Record<string, JsonObject>;
    triggerIds: readonly string[];
    enforcement: Enforcement;
    /** What it keeps to; null: what acts now. */
    pinned: PinnedLibrary | null;
  },
): Promise<void> {
  const rows = await loadMembers(tx, asked.members, asked.pinned);
  const slugs = new Set(rows.map(({ slug }) => slug));
  const strange = Object.keys(asked.parameters).filter((slug) => !slugs.has(slug));
  if (strange.length > 0) {
    const errors = strange.map((slug): ErrorPlace => ({
      pointer: `/parameters/${slug}`,
      detail: `${slug} is no policy of this binding`,
    }));
    throw new AppError('invalid_parameters', errors.map(({ detail }) => detail).join('; '), { errors });
  }
  await requireParameters(
    rows.map((row) => ({
      slug: row.slug,
      metadata: row.metadata,
      parameters: { ...row.parameters, ...asked.parameters[row.slug] },
      pointer: `/parameters/${row.slug}`,
    })),
  );
  await refuseUnenforceable(tx, asked, rows);
}

/** At admission an object is judged alone and before it is there: presence and uniqueness can't be told. */
async function refuseUnenforceable(
  tx: Tx,
  { enforcement, triggerIds }: { enforcement: Enforcement; triggerIds: readonly string[] },
  rows: readonly MemberRow[],
): Promise<void> {
  if (enforcement === 'audit') return;
  const admission = await tx.query(
    `select 1 from app.trigger where org_id = $1 and trigger_id = any($2::uuid[]) and type = 'admission'`,
    [tx.scope.orgId, triggerIds],
  );
  if (admission.length === 0) return;
  const tooWeak = enforcement === 'deny' ? ['warn', 'none'] : ['none'];
  const refused = rows.filter(({ metadata }) => tooWeak.includes(metadata.admission)).map(({ slug }) => slug);
  if (refused.length === 0) return;
  throw new AppError(
    'not_enforceable',
    `At admission these can’t ${enforcement}, since they look at what else is there: ${refused.join(', ')}. Bind them apart, audited.`,
    { extra: { policies: refused } },
  );
}

/**
 * What a pin stands for from now on: the versions that act, the members of a built-in set, and the module of this
 * release, kept beside them for the time when another release is here.
 * @param tx the organization's transaction
 * @param library of this release
 * @param members of the binding
 */
export async function pinnedLibrary(
  tx: Tx,
  library: BuiltInLibrary,
  members: BindingMembers,
): Promise<{ pinned: PinnedLibrary; pinnedModule: Buffer }> {
  const rows = await loadMembers(tx, members, null);
  const builtIn = rows.filter(({ origin }) => origin === 'builtin');
  const pinnedModule = Buffer.from(library.digest, 'hex');
  await tx.query(
    `insert into app.module (org_id, digest, engine_abi, policies, wasm, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [
      tx.scope.orgId,
      pinnedModule,
      ENGINE_ABI,
      JSON.stringify(library.policies),
      Buffer.from(library.module.wasm),
      tx.now,
    ],
  );
  const pinned: PinnedLibrary = {
    versions: Object.fromEntries(builtIn.map(({ policy_id: id, version }) => [id, version])),
    ...(rows[0]?.set_origin === 'builtin' && {
      members: rows.map(({ policy_id, instance, parameters }) => ({ policy_id, instance, parameters })),
    }),
  };
  return { pinned, pinnedModule };
}

/**
 * Takes what joined a set into the bindings that are pinned to the release that is here, in its versions; with an earlier
 * release it waits (V5).
 * @param tx in which the set changed
 * @param policySetId UUID
 * @param release of the library that is here
 */
export async function extendPins(tx: Tx, policySetId: string, release: string): Promise<void> {
  await tx.query(
    `update app.binding b set pinned = jsonb_set(b.pinned, '{versions}', (
         select jsonb_object_agg(p.policy_id, p.version) from app.policy_set_item i
           join app.policy p on p.org_id = i.org_id and p.policy_id = i.policy_id and p.origin = 'builtin'
           where i.org_id = b.org_id and i.policy_set_id = b.policy_set_id) || (b.pinned -> 'versions'))
     where b.org_id = $1 and b.policy_set_id = $2 and b.pin = $3 and b.pinned is not null and not b.pinned ? 'members'
       and exists (select 1 from app.policy_set_item i join app.policy p on p.org_id = i.org_id and p.policy_id = i.policy_id
         where i.org_id = b.org_id and i.policy_set_id = b.policy_set_id and p.origin = 'builtin')`,
    [tx.scope.orgId, policySetId, release],
  );
}

/** In the versions that a pin stands for, where there is one: what came later is no member yet. */
async function loadMembers(tx: Tx, members: BindingMembers, pinned: PinnedLibrary | null): Promise<MemberRow[]> {
  const own = (members.items ?? []).map(({ policyId, instance, parameters }) => ({
    policy_id: policyId,
    instance,
    parameters,
  }));
  return tx.query<MemberRow>(
    `with item as (
       select i.policy_id, i.instance, i.parameters, s.origin as set_origin from app.policy_set s
         join app.policy_set_item i on i.org_id = s.org_id and i.policy_set_id = s.policy_set_id
         where s.org_id = $1 and s.policy_set_id = $2
       union all select policy_id, instance, parameters, null
         from jsonb_to_recordset($3::jsonb) as r(policy_id uuid, instance text, parameters jsonb))
     select i.policy_id, p.slug, i.instance, i.parameters, i.set_origin, v.version, p.origin, v.metadata
     from item i join app.policy p on p.org_id = $1 and p.policy_id = i.policy_id
       join app.policy_version v on v.org_id = $1 and v.policy_id = p.policy_id and v.version =
         case when p.origin = 'builtin' and $4::jsonb is not null then ($4::jsonb ->> p.policy_id::text)::int else p.version end
     order by p.slug, i.instance`,
    [
      tx.scope.orgId,
      pinned?.members === undefined ? members.policySetId : null,
      JSON.stringify(pinned?.members ?? own),
      pinned === null ? null : JSON.stringify(pinned.versions),
    ],
  );
}
