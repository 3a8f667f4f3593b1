import { Injectable } from '@nestjs/common';
import { canonicalJson, sha256, type JsonObject, type Scope } from '#kernel';
import {
  CompilerCrashError,
  compilerDigest,
  ENGINE_ABI,
  type DialectOptions,
  policyModule,
  type PolicyInfo,
  type PolicyModule,
  type PolicySource,
} from '#engine';
import { Database, type Tx } from '#platform';
import { BuiltInLibrary } from './built-in-library.js';
import { compiledOrNot } from './compiled-module.js';
import { compileTogether, type CompileOutcome } from './compile-together.rules.js';
import { ModuleMemory } from './module-memory.js';
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
  /** Whether it would be the same if it were made again. */
  certain: boolean;
}

/** Compiled modules that this process keeps ready. */
const KEPT = 64;
/** Modules that no binding has used for so long are made anew when one does. */
const KEPT_DAYS = 7;
/** Of an organization, beside those of pinned bindings: each new version that acts makes another. */
const KEPT_NEWEST = 20;
/** After so long, in milliseconds, no further try is begun to find out which policies don't go together. */
const TRIES_MS = 120_000;
/** A module without anything in it (WebAssembly core specification, section 5.5.16): for those who have none. */
const EMPTY_MODULE = Buffer.from('0061736d01000000', 'hex');

/**
 * An organization's own policies as modules: made of just the versions that its bindings use, by whichever process needs
 * them first, kept in Postgres for the others. Nothing has to be told to anyone when a policy changes: the key is made
 * of the versions.
 */
@Injectable()
export class OwnModules {
  private readonly memory = new ModuleMemory<OwnModule>(KEPT, () => performance.now());

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
    return this.memory.getOrMake(`${scope.orgId}/${key.toString('hex')}`, () => this.loadOrMake(scope, key, refs));
  }

  /**
   * @param digest of a module that was kept for a pinned binding (V5), in hexadecimal
   * @returns the built-in policies of that release
   */
  async pinned(scope: Scope, digest: string): Promise<PolicyModule> {
    const key = Buffer.from(digest, 'hex');
    const found = await this.memory.getOrMake(`${scope.orgId}/${digest}`, async () => {
      const kept = await this.database.run(scope, (tx) => load(tx, key));
      if (kept === undefined) throw new Error(`module ${digest} of a pinned binding is missing`);
      return ownModule(scope, key, { ...kept, module: await WebAssembly.compile(kept.wasm) }, []);
    });
    return found.module;
  }

  /**
   * @param digest of a module that `of` or `pinned` gave, in hexadecimal
   * @returns its bytes; undefined where it is not kept, or no more
   */
  async bytes(scope: Scope, digest: string): Promise<Buffer | undefined> {
    return (await this.database.run(scope, (tx) => load(tx, Buffer.from(digest, 'hex'))))?.wasm;
  }

  /**
   * @param orgId UUID of the organization whose module it is
   * @param key of a module that `of` gave
   * @param slug of one of its policies
   * @returns which version of it is in there; undefined where this process has forgotten the module
   */
  async versionIn(orgId: string, key: string, slug: string): Promise<number | undefined> {
    const made = await this.memory.get(`${orgId}/${key}`);
    return made?.versions.find((ref) => ref.slug === slug)?.version;
  }

  private async loadOrMake(scope: Scope, key: Buffer, refs: readonly OwnPolicyRef[]): Promise<OwnModule> {
    const kept = await this.database.run(scope, (tx) => load(tx, key));
    const module = kept && (await compiledOrNot(kept.wasm));
    if (kept !== undefined && module instanceof WebAssembly.Module)
      return ownModule(scope, key, { ...kept, module }, refs);
    const sources = await this.database.run(scope, (tx) => loadSources(tx, refs));
    return ownModule(scope, key, await this.make(scope, key, sources), refs);
  }

  /**
   * Each compiled when it was saved; after an upgrade one of them may not, and together they may be too much: the others
   * go on without it.
   */
  private async make(scope: Scope, key: Buffer, sources: readonly PolicySource[]): Promise<MadeModule> {
    const begun = performance.now();
    const isLate = (): boolean => performance.now() - begun > TRIES_MS;
    const compile = (some: readonly PolicySource[]): Promise<CompileOutcome> => this.compile(scope.orgId, some);
    const { made, broken, certain } = await compileTogether(sources, compile, isLate);
    const result: MadeModule = {
      policies: made?.policies ?? [],
      wasm: Buffer.from(made?.wasm ?? EMPTY_MODULE),
      broken: Object.fromEntries(broken),
      module: made?.module ?? (await WebAssembly.compile(EMPTY_MODULE)),
      certain,
    };
    if (certain) await this.database.run(scope, (tx) => keep(tx, key, result));
    return result;
  }

  private async compile(owner: string, policies: readonly PolicySource[]): Promise<CompileOutcome> {
    const lib = await this.compilers.lib();
    try {
      const result = await this.compilers.modules.compile({ lib, policies: [...policies] }, { owner });
      if (result.wasm === undefined) return { errors: result.errors };
      const module = await compiledOrNot(result.wasm);
      if (!(module instanceof WebAssembly.Module)) return { crashed: module };
      return { made: { policies: result.policies, wasm: result.wasm, module } };
    } catch (error) {
      if (!(error instanceof CompilerCrashError)) throw error;
      return { crashed: error.message };
    }
  }
}

interface KeptModule {
  policies: PolicyInfo[];
  wasm: Buffer;
  /** Reasons by slug. */
  broken: Record<string, string>;
}

interface MadeModule extends KeptModule {
  module: WebAssembly.Module;
  certain?: boolean;
}

/** What is neither in it nor known to be broken has no source any more. */
function ownModule(
  scope: Scope,
  key: Buffer,
  { policies, module, broken, certain = true }: MadeModule,
  refs: readonly OwnPolicyRef[],
): OwnModule {
  const present = new Set(policies.map(({ slug }) => slug));
  const missing = refs.filter(({ slug }) => !present.has(slug));
  return {
    module: policyModule({ key: key.toString('hex'), owner: scope.orgId, wasm: module, policies }),
    broken: new Map(missing.map(({ slug }) => [slug, broken[slug] ?? 'it does not compile with this release'])),
    versions: refs,
    certain,
  };
}

async function load(tx: Tx, key: Buffer): Promise<KeptModule | undefined> {
  const rows = await tx.query<KeptModule>(
    'select policies, wasm, broken from app.module where org_id = $1 and digest = $2 and engine_abi = $3',
    [tx.scope.orgId, key, ENGINE_ABI],
  );
  return rows[0];
}

async function loadSources(tx: Tx, refs: readonly OwnPolicyRef[]): Promise<PolicySource[]> {
  const rows = await tx.query<{ slug: string; rego: string; given: JsonObject } & DialectOptions>(
    `select p.slug, v.rego, v.given, v.dialect, v.rego_version, v.libs from unnest($2::uuid[], $3::int[]) as r (policy_id, version)
       join app.policy p on p.org_id = $1 and p.policy_id = r.policy_id
       join app.policy_version v on v.org_id = $1 and v.policy_id = r.policy_id and v.version = r.version
     where v.rego is not null order by p.slug`,
    [tx.scope.orgId, refs.map(({ policyId }) => policyId), refs.map(({ version }) => version)],
  );
  return rows.map(({ slug, rego, given, ...written }) => ownSource(slug, rego, given, written));
}

/** Two processes may make the same module: it is the same. */
async function keep(tx: Tx, key: Buffer, { policies, wasm, broken }: KeptModule): Promise<void> {
  await tx.query(
    `insert into app.module (org_id, digest, engine_abi, policies, wasm, broken, created_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (org_id, digest) do update set policies = excluded.policies, wasm = excluded.wasm, broken = excluded.broken,
       engine_abi = excluded.engine_abi, created_at = excluded.created_at`,
    [tx.scope.orgId, key, ENGINE_ABI, JSON.stringify(policies), wasm, JSON.stringify(broken), tx.now],
  );
  await tx.query(
    `delete from app.module m where m.org_id = $1
       and not exists (select 1 from app.binding b where b.org_id = m.org_id and b.pinned_module = m.digest)
       and (m.created_at < $2 or (m.created_at, m.digest) < (
         select n.created_at, n.digest from app.module n where n.org_id = $1
           and not exists (select 1 from app.binding b where b.org_id = n.org_id and b.pinned_module = n.digest)
         order by n.created_at desc, n.digest desc offset $3 limit 1))`,
    [tx.scope.orgId, new Date(tx.now.getTime() - KEPT_DAYS * 86_400_000), KEPT_NEWEST - 1],
  );
}
