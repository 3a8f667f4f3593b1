import { Injectable } from '@nestjs/common';
import { AppError, type Scope, type Severity } from '#kernel';
import type { ValidationDocument, ValidationResult, ValidationViolation } from '#contracts';
import { decide, type Decision, type DecidingVerdict } from '#decision';
import { ValidationService } from '#evaluation';
import type { UnkeptResult, ValidationInput } from '#judging';
import { inParts, type ManifestText } from './git-manifests.rules.js';
import { markExisting } from './new-violations.rules.js';

const FILES_A_PART = 500;
const CHARACTERS_A_PART = 8_000_000;

/** What all parts of a commit's files gave together. */
interface Judged {
  objects: number;
  failOn: Severity;
  violations: ValidationViolation[];
  unresolved: ValidationResult['unresolved'];
  unreadable: { path: string; reason: string }[];
  /** Public ids. */
  validations: string[];
}

/** What a commit's files are worth beside their base. */
export interface Judgement {
  decision: Decision;
  objects: number;
  errors: number;
  unreadable: { path: string; reason: string }[];
  /** Each marked `new` or `existing`. */
  violations: ValidationViolation[];
  /** Public ids of what was kept. */
  validations: string[];
}

/** Judges the manifests of a commit by the bindings that a push triggers, and compares them with their base. */
@Injectable()
export class GitJudgement {
  constructor(private readonly validation: ValidationService) {}

  /**
   * @param head manifests of the commit; validations of them are kept
   * @param base the same before it; undefined: there is none, and all that is found is new
   * @param context where they come from
   * @param alive asked between two parts; what it throws ends the work
   */
  async judge(
    scope: Scope,
    head: readonly ManifestText[],
    base: readonly ManifestText[] | undefined,
    context: NonNullable<ValidationInput['about']['context']>,
    alive: () => Promise<void>,
  ): Promise<Judgement> {
    const found = await this.judgeAll(scope, head, context, true, alive);
    const before = base === undefined ? undefined : await this.judgeAll(scope, base, context, false, alive);
    const violations = markExisting(found.violations, before?.violations ?? []);
    const broken = new Set(before?.unreadable.map(({ path }) => path));
    const unreadable = found.unreadable.filter(({ path }) => !broken.has(path));
    const { objects, failOn, unresolved, validations } = found;
    const decision = decide(decidingVerdicts(violations, unresolved), failOn);
    return {
      // What could not be read was not judged: that is no pass.
      decision: decision === 'allow' && unreadable.length > 0 ? 'warn' : decision,
      objects,
      errors: unresolved.filter(({ verdict }) => verdict === 'error').length,
      unreadable: found.unreadable,
      violations,
      validations,
    };
  }

  private async judgeAll(
    scope: Scope,
    files: readonly ManifestText[],
    context: NonNullable<ValidationInput['about']['context']>,
    kept: boolean,
    alive: () => Promise<void>,
  ): Promise<Judged> {
    const all: Judged = { objects: 0, failOn: 'high', violations: [], unresolved: [], unreadable: [], validations: [] };
    const parts = inParts(files, FILES_A_PART, CHARACTERS_A_PART);
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      await alive();
      try {
        add(all, await this.judgePart(scope, inputOf(part, context), kept));
      } catch (error) {
        const refused = refusalOf(error, part);
        if (refused === undefined) throw error;
        if (refused === 'too many') parts.unshift(part.slice(0, part.length / 2), part.slice(part.length / 2));
        else all.unreadable.push(...refused);
      }
    }
    return all;
  }

  private async judgePart(
    scope: Scope,
    input: ValidationInput,
    kept: boolean,
  ): Promise<UnkeptResult & { id?: string }> {
    if (kept) return (await this.validation.validate(scope, input, null, 'git-push')).result;
    return (await this.validation.judge(scope, input, null, 'git-push')).result;
  }
}

function inputOf(
  files: readonly ManifestText[],
  context: NonNullable<ValidationInput['about']['context']>,
): ValidationInput {
  return { texts: files.map(({ path, content }) => ({ path, content })), objects: [], about: { context } };
}

/** @returns why nothing of a part was judged; `too many` where it is worth trying in smaller ones */
function refusalOf(error: unknown, part: readonly ManifestText[]): 'too many' | Judged['unreadable'] | undefined {
  if (!(error instanceof AppError)) return undefined;
  if (error.code === 'all_documents_invalid')
    return (error.options.extra as { documents: ValidationDocument[] }).documents.flatMap(reasonOf);
  // Nothing but comments in any of them.
  if (error.code === 'no_specs') return [];
  if (error.code !== 'body_too_large') return undefined;
  return part.length > 1
    ? 'too many'
    : [{ path: part[0]?.path ?? '', reason: 'There are too many objects in this file.' }];
}

function add(all: Judged, result: UnkeptResult & { id?: string }): void {
  all.objects += result.summary.objects;
  all.failOn = result.fail_on;
  all.violations.push(...result.violations);
  all.unresolved.push(...result.unresolved);
  all.unreadable.push(...result.documents.flatMap(reasonOf));
  if (result.id !== undefined) all.validations.push(result.id);
}

function reasonOf({ status, path, error }: ValidationDocument): Judged['unreadable'] {
  if (status !== 'invalid') return [];
  const line = error?.line === undefined ? '' : `line ${error.line}: `;
  return [{ path: path ?? '', reason: `${line}${error?.message ?? 'it can’t be read'}` }];
}

function* decidingVerdicts(
  violations: readonly ValidationViolation[],
  unresolved: ValidationResult['unresolved'],
): Generator<DecidingVerdict> {
  for (const { baseline, waiver, enforcement, severity } of violations)
    if (baseline === 'new' && waiver === undefined) yield { verdict: 'fail', enforcement, severity };
  for (const { verdict } of unresolved) yield { verdict, enforcement: 'audit', severity: 'info' };
}
