import { z } from 'zod';
import { type Enforcement, type JsonObject, sha256 } from '#kernel';
import { targetConditionSchema, type TriggerType } from '#contracts';
import type { TargetCondition } from '#decision';

/** A binding that an imported document asks for, with the target that is its own. */
export interface ConvertedBinding {
  /** Of several that one document asks for, which; empty where it asks for one. Part of its import key. */
  part: string;
  /** The policy's parameters are for this instance: two documents on one policy are two checks. */
  instance: string;
  parameters: JsonObject;
  condition: TargetCondition;
  enforcement: Enforcement;
  triggers: TriggerType[];
  priority: number;
}

/** The bindings that a document asks for. */
export interface ConvertedBindings {
  /** What makes the document this document, however often it is imported: `gatekeeper/K8sRequiredLabels/owners`. */
  key: string;
  /** What people call it. */
  name: string;
  /** Import key of the policy that it binds. */
  policy: string;
  /** None where nothing is bound any more. */
  bindings: ConvertedBinding[];
  /** What is said otherwise here than there, or not heard. */
  notes: string[];
}

/** A document that says what can't be said here: why. */
export interface SkippedDocument {
  skipped: string;
}

/** When the audit looks, when admission is asked, and what is asked before admission is. */
export const POINT_TRIGGERS = {
  audit: ['object-change', 'schedule'],
  admission: ['admission'],
  ci: ['ci', 'git-push'],
} as const satisfies Record<string, TriggerType[]>;

const INSTANCE_MAX = 48;

/** Names as Kubernetes takes them: nothing else can have been in a cluster. */
export const metadataNameSchema = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/, 'a name that Kubernetes takes');

/**
 * @param key of a document
 * @param path of the file it is from, where another file has one of that kind and name
 * @returns the key with the path; `#` stands before a part of a document alone
 */
export function keyInFile(key: string, path: string | undefined): string {
  if (path === undefined) return key;
  return `${key}@${path.replaceAll('%', '%25').replaceAll('#', '%23')}`;
}

/**
 * @param name of an imported document
 * @param path of the file it is from, where another file has one of that name
 * @returns the name of its checks: lower-case letters, digits and single dashes, another one for each name and path, at
 *   most 57 characters
 */
export function instanceOf(name: string, path?: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  if (plain === name && name.length <= INSTANCE_MAX && path === undefined) return name;
  const digest = sha256(path === undefined ? name : `${name}@${path}`).toString('hex');
  return `${plain.slice(0, INSTANCE_MAX).replace(/-$/, '') || 'imported'}-${digest.slice(0, 8)}`;
}

/**
 * Holds a condition to what a target can say.
 * @param condition as it was converted
 * @returns why it can't be kept, undefined where it can
 */
export function whyNoTarget(condition: TargetCondition): string | undefined {
  const parsed = targetConditionSchema.safeParse(condition);
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  return `a target can’t hold its ${issue?.path.join('.') ?? 'condition'}: ${issue?.message ?? 'it is too large'}`;
}
