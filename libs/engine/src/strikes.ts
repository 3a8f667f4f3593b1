/** One version of a policy, as strikes are counted. */
export interface StruckPolicy {
  owner: string;
  policy: string;
  /** Of the module. */
  key: string;
}

/** A policy that is not run any more, with the reason of its last strike. */
export interface QuarantineEvent extends StruckPolicy {
  reason: string;
}

interface Strike {
  count: number;
  reason: string;
  /** Of the last one, in milliseconds. */
  at: number;
}

/** A strike is forgotten when none followed for a day: five bad moments in a year are no habit. */
const FORGET_MS = 86_400_000;

/**
 * Of one policy, so many versions are remembered, those struck last: who tries out one endless text after the other
 * makes a new version with each.
 */
const VERSIONS_KEPT = 20;

/** Who cost the pool a worker or its memory, how often, and what follows from it (H2). */
export class Strikes {
  private readonly byOwner = new Map<string, Map<string, Map<string, Strike>>>();
  private readonly lastOf = new Map<string, number>();

  /**
   * @param limit a policy with so many strikes is not run any more
   * @param probationMs how long an owner is watched after a strike, in milliseconds
   * @param now the time in milliseconds
   * @param onQuarantine told once, when the limit is reached
   */
  constructor(
    private readonly limit: number,
    private readonly probationMs: number,
    private readonly now: () => number,
    private readonly onQuarantine: (event: QuarantineEvent) => void,
  ) {}

  /** Counts one strike of a policy. */
  add({ owner, policy, key }: StruckPolicy, reason: string): void {
    this.suspect(owner);
    const policies = this.byOwner.get(owner) ?? new Map<string, Map<string, Strike>>();
    const keys = policies.get(policy) ?? new Map<string, Strike>();
    const count = (this.remembered(keys.get(key))?.count ?? 0) + 1;
    keys.delete(key);
    keys.set(key, { count, reason, at: this.now() });
    const [oldest] = keys.keys();
    if (keys.size > VERSIONS_KEPT && oldest !== undefined) keys.delete(oldest);
    this.byOwner.set(owner, policies.set(policy, keys));
    if (count === this.limit) this.onQuarantine({ owner, policy, key, reason });
  }

  /** Puts an owner on probation: one of his policies went too far, and it is not known yet which. */
  suspect(owner: string): void {
    this.lastOf.set(owner, this.now());
  }

  /** @returns whether nothing of the owner was ever struck: what is asked for every object first */
  isClean(owner: string): boolean {
    return !this.byOwner.has(owner);
  }

  /** @returns whether the policy has strikes */
  hasStruck({ owner, policy, key }: StruckPolicy): boolean {
    return this.remembered(this.byOwner.get(owner)?.get(policy)?.get(key)) !== undefined;
  }

  /** @returns why the policy is not run any more; undefined where it is */
  refusal({ owner, policy, key }: StruckPolicy): string | undefined {
    const strike = this.byOwner.get(owner)?.get(policy)?.get(key);
    if (strike === undefined || strike.count < this.limit) return undefined;
    return `quarantined: it is not run any more after ${strike.count} failures; the last: ${strike.reason}`;
  }

  /** @returns whether the owner had a strike lately */
  isOnProbation(owner: string): boolean {
    const last = this.lastOf.get(owner);
    if (last === undefined) return false;
    if (this.now() - last < this.probationMs) return true;
    this.lastOf.delete(owner);
    return false;
  }

  /** Runs a policy again, in whichever version, as if nothing had been. */
  lift(owner: string, policy: string): void {
    const policies = this.byOwner.get(owner);
    policies?.delete(policy);
    if (policies?.size === 0) this.byOwner.delete(owner);
  }

  private remembered(strike: Strike | undefined): Strike | undefined {
    const forgotten = strike !== undefined && strike.count < this.limit && this.now() - strike.at >= FORGET_MS;
    return forgotten ? undefined : strike;
  }

  /** The policies that are not run any more. */
  get quarantined(): QuarantineEvent[] {
    return [...this.byOwner].flatMap(([owner, policies]) =>
      [...policies].flatMap(([policy, keys]) =>
        [...keys].flatMap(([key, { count, reason }]) => (count < this.limit ? [] : [{ owner, policy, key, reason }])),
      ),
    );
  }
}
