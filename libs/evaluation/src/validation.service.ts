import { Injectable } from '@nestjs/common';
import type { Scope, Severity } from '#kernel';
import { FleetReadModel } from '#fleet';
import {
  type Baseline,
  foundEarlier,
  type JudgedObject,
  openThere,
  type Posted,
  readPosted,
  type UnkeptResult,
  validatePosted,
  type ValidationInput,
  type ValidationWorld,
} from '#judging';
import { type ManifestDocument, readManifestsIsolated } from '#kube';
import { Database } from '#platform';
import { traced } from '#tracing';
import { besideCluster, postedAlone, type PostedSurroundings } from './posted-surroundings.store.js';
import { type Rules, RulesInForce, type ValidationTrigger } from './rules-in-force.service.js';
import { foundBefore, openInCluster, requireBaseline } from './validation-baseline.store.js';
import { type KeptValidation, type ValidationRecord, ValidationRecords } from './validation-records.service.js';

/** How long one posted text may take to be read. */
const READ_DEADLINE_MS = 10_000;
/** Who validates one object after another is there between them too. */
const SHARED_FOR_MS = 1_000;

/** Judges specs that were posted, by the same bindings and engine as the audit, and keeps what was answered. */
@Injectable()
export class ValidationService {
  /** How many are being judged in this process, and when there was last more than one, in milliseconds. */
  private open = 0;
  private sharedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly fleet: FleetReadModel,
    private readonly rulesInForce: RulesInForce,
    private readonly records: ValidationRecords,
  ) {}

  /**
   * @param scope who posts
   * @param input what was posted
   * @param keyFailOn the API key's own threshold, where it has one
   * @param trigger whose bindings look
   * @returns the answer, which is kept; a violation is an answer, never an error
   * @throws as `judge`
   */
  async validate(
    scope: Scope,
    input: ValidationInput,
    keyFailOn: Severity | null,
    trigger: ValidationTrigger = 'ci',
  ): Promise<KeptValidation> {
    const { result, clusterId } = await this.judge(scope, input, keyFailOn, trigger);
    return this.keep(scope, { result, context: input.about.context ?? {}, clusterId, trigger });
  }

  /** Keeps an answer of `judge`, with what was found out about it since. */
  async keep(scope: Scope, record: ValidationRecord): Promise<KeptValidation> {
    return this.records.keep(scope, record);
  }

  /**
   * The same, and nothing is kept.
   * @returns the answer, and the cluster that was named
   * @throws AppError `all_documents_invalid` and `no_specs` where nothing could be judged,
   *   `body_too_large` for too many objects, `not_found` for an unknown cluster, `invalid_body` for a baseline of nothing
   */
  async judge(
    scope: Scope,
    input: ValidationInput,
    keyFailOn: Severity | null,
    trigger: ValidationTrigger,
  ): Promise<{ result: UnkeptResult; clusterId: string | undefined }> {
    requireBaseline(input.about);
    const posted = await readPosted(input, readText);
    const subjects = posted.objects.map(({ subject }) => subject);
    const { cluster, fail_on: asked } = input.about;
    const clusterId = cluster === undefined ? undefined : await this.fleet.resolve(scope, cluster);
    const { rules, failOn, ignores } = await this.rulesInForce.of(scope, trigger);
    const surroundings = await this.surroundings(scope, input, clusterId, subjects, rules);
    const baseline = await this.baseline(scope, input, clusterId, subjects);
    const world: ValidationWorld = {
      ...worldOf(rules, surroundings),
      failOn: asked ?? keyFailOn ?? failOn,
      ignores,
      ...(baseline && { baseline }),
      isShared: () => performance.now() - this.sharedAt < SHARED_FOR_MS,
    };
    const attributes = { 'bylaw.objects': subjects.length };
    return { result: await traced(scope, 'judge', { attributes }, () => this.judgeIn(posted, world)), clusterId };
  }

  private async judgeIn(posted: Posted, world: ValidationWorld): Promise<UnkeptResult> {
    this.open++;
    if (this.open > 1) this.sharedAt = performance.now();
    try {
      return await validatePosted(posted, world);
    } finally {
      this.open--;
      if (this.open > 0) this.sharedAt = performance.now();
    }
  }

  private async surroundings(
    scope: Scope,
    { about }: ValidationInput,
    clusterId: string | undefined,
    subjects: readonly JudgedObject[],
    rules: Rules,
  ): Promise<PostedSurroundings> {
    if (clusterId === undefined) return postedAlone(about, subjects);
    return this.database.run(scope, (tx) => besideCluster(tx, clusterId, about, subjects, rules));
  }

  private async baseline(
    scope: Scope,
    { about: { baseline, context = {} } }: ValidationInput,
    clusterId: string | undefined,
    subjects: readonly JudgedObject[],
  ): Promise<Baseline | undefined> {
    if (baseline === undefined) return undefined;
    const identities = subjects.map(({ identity }) => identity);
    return this.database.run(scope, async (tx) =>
      baseline === 'cluster' && clusterId !== undefined
        ? openThere(await openInCluster(tx, clusterId, identities))
        : foundEarlier(await foundBefore(tx, context)),
    );
  }
}

function worldOf(
  rules: Rules,
  { origin, around }: PostedSurroundings,
): Pick<ValidationWorld, 'bindings' | 'origin' | 'context'> {
  const { bindings, policies } = rules;
  return { bindings, origin, context: { ...around, checks: rules.checksFor(origin), policies } };
}

async function readText(content: string, path: string | null): Promise<ManifestDocument[]> {
  const options = { positions: true, ...(path !== null && { path }) };
  return (await readManifestsIsolated(content, options, READ_DEADLINE_MS)).documents;
}
