import { z } from 'zod';
import { ENFORCEMENTS, type Enforcement, type JsonObject } from '#kernel';
import type { TargetCondition } from '#decision';
import { excludedCondition, firstIssue, type GatekeeperExclusions } from './gatekeeper-config.rules.js';
import { conditionOfMatch } from './gatekeeper-match.rules.js';
import {
  type ConvertedBinding,
  type ConvertedBindings,
  instanceOf,
  keyInFile,
  metadataNameSchema,
  POINT_TRIGGERS,
  type SkippedDocument,
  whyNoTarget,
} from './import-conversion.js';

type Point = keyof typeof POINT_TRIGGERS;
const POINTS: readonly Point[] = ['audit', 'admission', 'ci'];

/** Gatekeeper’s enforcement points; `vap.k8s.io` is the API server’s own, which CEL is written for. */
const POINT_OF: ReadonlyMap<string, readonly Point[]> = new Map<string, readonly Point[]>([
  ['audit.gatekeeper.sh', ['audit']],
  ['validation.gatekeeper.sh', ['admission']],
  ['gator.gatekeeper.sh', ['ci']],
  ['*', POINTS],
]);
const ENFORCEMENT_OF: ReadonlyMap<string, Enforcement> = new Map<string, Enforcement>([
  ['deny', 'deny'],
  ['warn', 'warn'],
  ['dryrun', 'audit'],
]);

const constraintSchema = z.looseObject({
  kind: z
    .string()
    .max(63)
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'a kind'),
  metadata: z.looseObject({ name: metadataNameSchema }),
  spec: z
    .looseObject({
      enforcementAction: z.string().nullish(),
      scopedEnforcementActions: z
        .array(
          z.looseObject({
            action: z.string(),
            enforcementPoints: z.array(z.looseObject({ name: z.string() })).nullish(),
          }),
        )
        .nullish(),
      match: z.unknown().optional(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});
type Constraint = z.infer<typeof constraintSchema>;

/** @returns whether a document is a constraint, of whichever template */
export function isConstraint({ apiVersion }: JsonObject): boolean {
  return typeof apiVersion === 'string' && apiVersion.startsWith('constraints.gatekeeper.sh/');
}

/**
 * Says by bindings what a constraint says: where by its match and by what Config leaves out, how strictly at each
 * enforcement point, with its parameters. What CI is asked before admission leaves out what admission does.
 * @param document a constraint
 * @param exclusions of Config
 * @param path of its file, where an earlier one has another of that kind and name
 * @returns a binding a point where they differ, else one; or why it can’t be said
 */
export function convertConstraint(
  document: JsonObject,
  exclusions: GatekeeperExclusions,
  path?: string,
): ConvertedBindings | SkippedDocument {
  const parsed = constraintSchema.safeParse(document);
  if (!parsed.success) return { skipped: `no constraint as Gatekeeper has it: ${firstIssue(parsed.error)}` };
  const { kind, metadata, spec } = parsed.data;
  const match = conditionOfMatch(spec?.match);
  if ('skipped' in match) return match;
  const points = pointsOf(spec, match.notes);
  if ('skipped' in points) return points;
  const parts = partsOf(points, exclusions);
  const strongest = ENFORCEMENTS.findLast((one) => parts.some(({ enforcement }) => enforcement === one));
  const instance = instanceOf(metadata.name, path);
  const bindings: ConvertedBinding[] = [];
  for (const { part, at, enforcement, left } of parts) {
    const without = excludedCondition(left);
    if (without === 'everything') {
      match.notes.push(`Config leaves out everything for ${at.join(', ')}`);
      continue;
    }
    const condition: TargetCondition = {
      ...match.condition,
      ...(without && { none_of: [...(match.condition.none_of ?? []), without] }),
    };
    const reason = whyNoTarget(condition);
    if (reason !== undefined) return { skipped: reason };
    bindings.push({
      part,
      // Bindings of one check share their strongest enforcement (F1): what is enforced otherwise is a check of its own.
      instance: enforcement === strongest ? instance : `${instance}-${enforcement}`,
      parameters: (spec?.parameters ?? {}) as JsonObject,
      condition,
      enforcement,
      triggers: at.flatMap((point) => [...POINT_TRIGGERS[point]]),
      priority: 0,
    });
  }
  return {
    key: keyInFile(`gatekeeper/${kind}/${metadata.name}`, path),
    name: `${kind}/${metadata.name}`,
    policy: `gatekeeper/ConstraintTemplate/${kind.toLowerCase()}`,
    bindings,
    notes: match.notes,
  };
}

interface Points {
  enforcements: Map<Point, Enforcement>;
  scoped: boolean;
}

function pointsOf(spec: Constraint['spec'], notes: string[]): Points | SkippedDocument {
  const action = spec?.enforcementAction ?? '';
  if (action !== 'scoped') {
    const enforcement = ENFORCEMENT_OF.get(action === '' ? 'deny' : action);
    if (enforcement === undefined) return { skipped: `Gatekeeper knows no enforcementAction ${action}` };
    return { enforcements: new Map(POINTS.map((point) => [point, enforcement])), scoped: false };
  }
  const enforcements = new Map<Point, Enforcement>();
  for (const { action: scoped, enforcementPoints } of spec?.scopedEnforcementActions ?? []) {
    const enforcement = ENFORCEMENT_OF.get(scoped);
    if (enforcement === undefined) notes.push(`the action ${scoped} is not heard: Gatekeeper knows none of that name`);
    for (const { name } of enforcement === undefined ? [] : (enforcementPoints ?? [])) {
      const points = POINT_OF.get(name);
      if (points === undefined) notes.push(`the enforcement point ${name} is not heard: nothing here stands at it`);
      for (const point of points ?? []) addPoint(enforcements, point, enforcement ?? 'audit', notes);
    }
  }
  if (enforcements.size === 0) return { skipped: 'it is enforced at no enforcement point that there is here' };
  return { enforcements, scoped: true };
}

function addPoint(points: Map<Point, Enforcement>, point: Point, enforcement: Enforcement, notes: string[]): void {
  const present = points.get(point);
  if (present !== undefined && present !== enforcement)
    notes.push(`of its actions at ${point}, ${present} and ${enforcement}, the stricter is kept`);
  if (present === undefined || ENFORCEMENTS.indexOf(present) < ENFORCEMENTS.indexOf(enforcement))
    points.set(point, enforcement);
}

interface Part {
  part: string;
  at: Point[];
  enforcement: Enforcement;
  /** Globs of namespaces that are left out. */
  left: readonly string[];
}

/** Scoped, each point has its binding; else those that leave out the same are one. */
function partsOf({ enforcements, scoped }: Points, exclusions: GatekeeperExclusions): Part[] {
  const parts = [...enforcements].map(([point, enforcement]): Part => ({
    part: point,
    at: [point],
    enforcement,
    left: point === 'audit' ? exclusions.audit : exclusions.webhook,
  }));
  if (scoped) return parts.sort((a, b) => POINTS.indexOf(a.at[0] ?? 'ci') - POINTS.indexOf(b.at[0] ?? 'ci'));
  const groups = new Map<string, Part>();
  for (const part of parts) {
    const key = JSON.stringify(part.left);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, part);
    else group.at.push(...part.at);
  }
  return groups.size === 1 ? [...groups.values()].map((one) => ({ ...one, part: '' })) : [...groups.values()];
}
