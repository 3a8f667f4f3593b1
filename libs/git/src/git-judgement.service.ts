import { Injectable } from '@nestjs/common';
import { AppError, severityRank, type Scope } from '#kernel';
import type { ValidationDocument, ValidationViolation } from '#contracts';
import type { Decision } from '#decision';
import { ValidationService } from '#evaluation';
import { againstBaseline, foundEarlier, type UnkeptResult, type ValidationInput } from '#judging';
import { inParts, type ManifestText } from './git-manifests.rules.js';

const TRIGGER = 'git-push';
const FILES_A_PART = 500;
const CHARACTERS_A_PART = 8_000_000;
/** The strongest last. */
const DECISIONS: readonly Decision[] = ['allow', 'warn', 'deny'];

type Context = NonNullable<ValidationInput['about']['context']>;

/** What all parts of a commit's files gave together. */
interface Judged {
  parts: UnkeptResult[];
  unreadable: { path: string; reason: string }[];
}

/** What a commit's files are worth beside their base. */
export interface Judgement {
  decision: Decision;
  objects: number;
  errors: number;
  /** Errors among them of checks that are enforced by `deny`. */
  denyingErrors: number;
  unreadable: { path: string; reason: string }[];
  /** Each marked `new` or `existing`; the new ones first, then by severity. */
  violations: ValidationViolation[];
  /** Public ids of what was kept. */
  validations: string[];
}

/** Judges the manifests of a commit by the bindings that a push triggers, and compares them with their base. */
@Injectable()
export class GitJudgement {
  constructor(private readonly validation: ValidationService) {}

  /**
   * @param head manifests of the commit; what is kept of them says what is new, and decides by it
   * @param base the same before it; undefined: there is none, and all that is found is new
   * @param context where they come from
   * @param alive asked between two parts; what it throws ends the work
   */
  async judge(
    scope: Scope,
    head: readonly ManifestText[],
    base: readonly ManifestText[] | undefined,
    context: Context,
    alive: () => Promise<void>,
  ): Promise<Judgement> {
    const before = await this.judgeAll(scope, base ?? [], context, alive);
    const found = await this.judgeAll(scope, head, context, alive);
    const known = foundEarlier(violationsOf(before))(violationsOf(found));
    const parts = found.parts.map((part) => againstBaseline(part, () => known));
    const validations: string[] = [];
    for (const result of parts)
      validations.push((await this.validation.keep(scope, { result, context, trigger: TRIGGER })).result.id);
    const broken = new Set(before.unreadable.map(({ path }) => path));
    const errors = parts.flatMap(({ unresolved }) => unresolved).filter(({ verdict }) => verdict === 'error');
    return {
      decision: strongest([
        ...parts.map(({ decision }) => decision),
        // What could not be read was not judged: that is no pass.
        found.unreadable.every(({ path }) => broken.has(path)) ? 'allow' : 'warn',
      ]),
      objects: parts.reduce((sum, { summary }) => sum + summary.objects, 0),
      errors: errors.length,
      denyingErrors: errors.filter(({ enforcement }) => enforcement === 'deny').length,
      unreadable: found.unreadable,
      violations: parts.flatMap(({ violations }) => violations).sort(newAndWorstFirst),
      validations,
    };
  }

  private async judgeAll(
    scope: Scope,
    files: readonly ManifestText[],
    context: Context,
    alive: () => Promise<void>,
  ): Promise<Judged> {
    const all: Judged = { parts: [], unreadable: [] };
    const waiting = inParts(files, FILES_A_PART, CHARACTERS_A_PART);
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      await alive();
      try {
        const { result } = await this.validation.judge(scope, inputOf(part, context), null, TRIGGER);
        all.parts.push(result);
        all.unreadable.push(...result.documents.flatMap(reasonOf));
      } catch (error) {
        const refused = refusalOf(error, part);
        if (refused === undefined) throw error;
        if (refused === 'too many') waiting.unshift(part.slice(0, part.length / 2), part.slice(part.length / 2));
        else all.unreadable.push(...refused);
      }
    }
    return all;
  }
}

function inputOf(files: readonly ManifestText[], context: Context): ValidationInput {
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

function reasonOf({ status, path, error }: ValidationDocument): Judged['unreadable'] {
  if (status !== 'invalid') return [];
  const line = error?.line === undefined ? '' : `line ${error.line}: `;
  return [{ path: path ?? '', reason: `${line}${error?.message ?? 'it can’t be read'}` }];
}

function violationsOf({ parts }: Judged): ValidationViolation[] {
  return parts.flatMap(({ violations }) => violations);
}

function strongest(decisions: readonly Decision[]): Decision {
  return DECISIONS.findLast((decision) => decisions.includes(decision)) ?? 'allow';
}

function newAndWorstFirst(one: ValidationViolation, other: ValidationViolation): number {
  return (
    Number(one.baseline === 'existing') - Number(other.baseline === 'existing') ||
    severityRank(other.severity) - severityRank(one.severity)
  );
}
