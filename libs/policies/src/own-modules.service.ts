import { Injectable } from '@nestjs/common';
import { canonicalJson, sha256, type JsonObject, type Scope } from '#kernel';
import {
  compilerDigest,
  ENGINE_ABI,
  policyModule,
  type CompileProblem,
  type PolicyInfo,
  type PolicyModule,
  type PolicySource,
} from '#engine';
import { Database, type Tx } from '#platform';
import { BuiltInLibrary } from './built-in-library.js';
import { ownSource } from './own-policy.rules.js';
import { RegoCompilers } from './rego-compilers.js';

/** A version of an organization's own policy, as a binding uses it. */
export interface OwnPolicyRef {
  policyId: string;
  slug: string;
  version: number;
}

/** The module of an organization's own policies, and what of them could not be compiled. */
export interface OwnModule {
  module: PolicyModule;
  /** Why a policy is not in it, by slug. */
  broken: ReadonlyMap<string, string>;
  /** What it was made of. */
  versions: readonly OwnPolicyRef[];
}

/** Compiled modules that this process keeps ready. */
const KEPT = 64;
/** Modules that no binding has used for so long are made anew when one does. */
const KEPT_DAYS = 7;

/**
 * An organization's own policies as modules: made of just the versions that its bindings use, by whichever process needs
 * them first, kept in Postgres for the others. Nothing has to be told to anyone when a policy changes: the key is made
 * of the versions.
 */
@Injectable()
export class OwnModules {
  private readonly ready = new Map<string, Promise<OwnModule>>();

  constructor(
    private readonly database: Database,
    private readonly compilers: RegoCompilers,
    private readonly library: BuiltInLibrary,
  ) {}

  /**
   * @param scope whose they are
   * @param policies versions that bindings use, in any order
   * @returns their module, undefined where there are none
   */
  async of(scope: Scope, policies: readonly OwnPolicyRef[]): Promise<OwnModule | undefined> {
    if (policies.length === 0) return undefined;
    const refs = [...policies].sort((a, b) => (a.slug < b.slug ? -1 : 1));
    const key = sha256(
      canonicalJson([
        ENGINE_ABI,
        compilerDigest(),
        this.library.module.manifest.sources_digest,
        refs.map(({ policyId, version }) => [policyId, version]),
      ]),
    );
    return this.remembered(`${scope.orgId}/${key.toString('hex')}`, () => this.loadOrMake(scope, key, refs));
  }

  /**
   * @param digest of a module that was kept for a pinned binding (V5), in hexadecimal
   * @returns the built-in policies of that release
   */
  async pinned(scope: Scope, digest: string): Promise<PolicyModule> {
    const key = Buffer.from(digest, 'hex');
    const found = await this.remembered(`${scope.orgId}/${digest}`, async () => {
      const kept = await this.database.run(scope, (tx) => load(tx, key));
      if (kept === undefined) throw new Error(`module ${digest} of a pinned binding is missing`);
      return { module: moduleOf(scope, digest, kept), broken: new Map(), versions: [] };
    });
    return found.module;
  }

  /**
   * @param orgId UUID of the organization whose module it is
   * @param key of a module that `of` gave
   * @param slug of one of its policies
   * @returns which version of it is in there; undefined where this process has forgotten the module
   */
  async versionIn(orgId: string, key: string, slug: string): Promise<number | undefined> {
    const made = await this.ready.get(`${orgId}/${key}`);
    return made?.versions.find((ref) => ref.slug === slug)?.version;
  }

  private remembered(key: string, make: () => Promise<OwnModule>): Promise<OwnModule> {
    const present = this.ready.get(key);
    if (present !== undefined) {
      this.ready.delete(key);
      this.ready.set(key, present);
      return present;
    }
    const made = make();
    made.catch(() => this.ready.delete(key));
    this.ready.set(key, made);
    const oldest = this.ready.keys().next().value;
    if (this.ready.size > KEPT && oldest !== undefined) this.ready.delete(oldest);
    return made;
  }

  private async loadOrMake(scope: Scope, key: Buffer, refs: readonly OwnPolicyRef[]): Promise<OwnModule> {
    const { kept, sources } = await this.database.run(scope, async (tx) => {
      const found = await load(tx, key);
      return { kept: found, sources: found === undefined ? await loadSources(tx, refs) : [] };
    });
    const made = kept ?? (await this.make(scope, key, sources));
    const slugs = new Set(made.policies.map(({ slug }) => slug));
    const missing = refs.filter(({ slug }) => !slugs.has(slug));
    return {
      module: moduleOf(scope, key.toString('hex'), made),
      broken: new Map(
        missing.map(({ slug }) => [slug, 'it does not compile with this release: save a version that does']),
      ),
      versions: refs,
    };
  }

  private async make(scope: Scope, key: Buffer, sources: PolicySource[]): Promise<KeptModule> {
    const lib = await this.compilers.lib();
    let result = await this.compilers.compiler.compile({ lib, policies: sources });
    // Each compiled when it was saved; after an upgrade one of them may not, and the others go on without it.
    const broken = new Set(result.errors.map(({ slug }: CompileProblem) => slug));
    if (result.wasm === undefined)
      result = await this.compilers.compiler.compile({
        lib,
        policies: sources.filter(({ slug }) => !broken.has(slug)),
      });
    const { wasm, policies, errors } = result;
    if (wasm === undefined) throw new Error(`own policies do not compile: ${JSON.stringify(errors.slice(0, 3))}`);
    await this.database.run(scope, (tx) => keep(tx, key, { policies, wasm: Buffer.from(wasm) }));
    return { policies, wasm: Buffer.from(wasm) };
  }
}

interface KeptModule {
  policies: PolicyInfo[];
  wasm: Buffer;
}

function moduleOf(scope: Scope, key: string, { policies, wasm }: KeptModule): PolicyModule {
  return policyModule({ key, owner: scope.orgId, wasm, policies });
}

async function load(tx: Tx, key: Buffer): Promise<KeptModule | undefined> {
  const rows = await tx.query<KeptModule>(
    'select policies, wasm from app.module where org_id = $1 and digest = $2 and engine_abi = $3',
    [tx.scope.orgId, key, ENGINE_ABI],
  );
  return rows[0];
}

async function loadSources(tx: Tx, refs: readonly OwnPolicyRef[]): Promise<PolicySource[]> {
  const rows = await tx.query<{ slug: string; rego: string; given: JsonObject }>(
    `select p.slug, v.rego, v.given from unnest($2::uuid[], $3::int[]) as r (policy_id, version)
       join app.policy p on p.org_id = $1 and p.policy_id = r.policy_id
       join app.policy_version v on v.org_id = $1 and v.policy_id = r.policy_id and v.version = r.version
     where v.rego is not null order by p.slug`,
    [tx.scope.orgId, refs.map(({ policyId }) => policyId), refs.map(({ version }) => version)],
  );
  return rows.map(({ slug, rego, given }) => ownSource(slug, rego, given));
}

/** Two processes may make the same module: it is the same. */
async function keep(tx: Tx, key: Buffer, { policies, wasm }: KeptModule): Promise<void> {
  const before = new Date(tx.now.getTime() - KEPT_DAYS * 86_400_000);
  await tx.query(
    `delete from app.module m where m.org_id = $1 and m.created_at < $2
       and not exists (select 1 from app.binding b where b.org_id = m.org_id and b.pinned_module = m.digest)`,
    [tx.scope.orgId, before],
  );
  await tx.query(
    `insert into app.module (org_id, digest, engine_abi, policies, wasm, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (org_id, digest) do update set created_at = excluded.created_at`,
    [tx.scope.orgId, key, ENGINE_ABI, JSON.stringify(policies), wasm, tx.now],
  );
}
