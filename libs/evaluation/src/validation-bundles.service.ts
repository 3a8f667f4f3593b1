import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError, type Scope, type Severity, sha256Hex } from '#kernel';
import type { Bundle, BundleRequest } from '#contracts';
import {
  type BindingItem,
  type EffectiveBinding,
  originMatches,
  type OriginFacts,
  type TargetCondition,
} from '#decision';
import { ENGINE_ABI, type PolicyInfo } from '#engine';
import { FleetReadModel } from '#fleet';
import { type BundledModule, bundleOf } from '#judging';
import { BuiltInLibrary, OwnModules } from '#policies';
import { Database } from '#platform';
import { originBeside } from './posted-surroundings.store.js';
import { RulesInForce } from './rules-in-force.service.js';

/** Modules whose digests this process remembers: reading one of some megabytes again only for that would be a waste. */
const KNOWN = 256;

/** What is known of a module's bytes. */
interface Measured {
  sha256: string;
  bytes: number;
}

/** Hands out what validations are judged by, so that somebody else can judge where the platform is away (E10). */
@Injectable()
export class ValidationBundles {
  private readonly measured = new LRUCache<string, Measured>({ max: KNOWN });

  constructor(
    private readonly database: Database,
    private readonly fleet: FleetReadModel,
    private readonly rulesInForce: RulesInForce,
    private readonly ownModules: OwnModules,
    private readonly library: BuiltInLibrary,
  ) {}

  /**
   * @param scope who asks
   * @param about where what will be judged comes from
   * @param keyFailOn the API key's own threshold, where it has one
   * @returns everything that `POST /validate` would judge by, but for what lies in the cluster
   * @throws AppError `not_found` for an unknown cluster; `unavailable` while a module is being made
   */
  async of(scope: Scope, about: BundleRequest, keyFailOn: Severity | null): Promise<Bundle> {
    const clusterId = about.cluster === undefined ? undefined : await this.fleet.resolve(scope, about.cluster);
    const { rules, failOn, ignores } = await this.rulesInForce.of(scope, 'ci');
    const { repository } = about;
    const said = { ...about, ...(repository !== undefined && { context: { repository } }) };
    const { made, now } = await this.database.run(scope, async (tx) => ({
      made: await originBeside(tx, clusterId, said),
      now: tx.now,
    }));
    const bindings = rules.bindings.filter(({ condition }) => mayMatch(condition, made.origin));
    return bundleOf(
      {
        engine_abi: ENGINE_ABI,
        origin: made.origin,
        kubernetes_version: made.kubernetesVersion ?? null,
        fail_on: keyFailOn ?? failOn,
        ignores,
        bindings,
        modules: await this.modulesOf(scope, bindings),
      },
      now,
    );
  }

  /**
   * @param key of a module that a bundle names
   * @returns its bytes
   * @throws AppError `not_found` where no binding of the organization uses it any more
   */
  async module(scope: Scope, key: string): Promise<Uint8Array> {
    if (key === this.library.digest) return this.library.module.wasm;
    const found = await this.ownModules.bytes(scope, key);
    if (found === undefined) throw new AppError('not_found', `No module has the key "${key.slice(0, 80)}".`);
    return found;
  }

  private async modulesOf(scope: Scope, bindings: readonly EffectiveBinding[]): Promise<BundledModule[]> {
    const items = bindings.flatMap((binding) => binding.items);
    const own = new Map(items.filter(isOwn).map((item) => [item.slug, item]));
    const made = await this.ownModules.of(scope, [...own.values()]);
    const { digest: key, module, policies } = this.library;
    const pinned = new Set(items.flatMap((item) => item.module ?? []));
    pinned.delete(key);
    return [
      { key, sha256: key, bytes: module.wasm.byteLength, role: 'library', policies, broken: new Map() },
      ...(made === undefined ? [] : [await this.kept(scope, 'own', made.module, made.broken)]),
      ...(await Promise.all(
        [...pinned]
          .sort(byText)
          .map(async (digest) => this.kept(scope, 'pinned', await this.ownModules.pinned(scope, digest), new Map())),
      )),
    ];
  }

  private async kept(
    scope: Scope,
    role: BundledModule['role'],
    { key, policies }: { key: string; policies: ReadonlyMap<string, PolicyInfo> },
    broken: BundledModule['broken'],
  ): Promise<BundledModule> {
    const known = this.measured.get(key) ?? (await this.measure(scope, key));
    this.measured.set(key, known);
    return { key, ...known, role, policies: [...policies.values()], broken };
  }

  private async measure(scope: Scope, key: string): Promise<Measured> {
    const wasm = await this.ownModules.bytes(scope, key);
    if (wasm === undefined)
      throw new AppError('unavailable', 'Your own policies are being compiled. Try again in a minute.', {
        retryAfter: 60,
      });
    return { sha256: sha256Hex(wasm), bytes: wasm.byteLength };
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function isOwn({ origin }: BindingItem): boolean {
  return origin !== 'builtin';
}

/** Those that miss a fact come too: a validation says which of them it did not consider (F4). */
function mayMatch(condition: TargetCondition, origin: OriginFacts): boolean {
  const match = originMatches(condition, origin);
  return match.matches || match.missing.length > 0;
}
