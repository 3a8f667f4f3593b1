import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Json, JsonObject } from '#kernel';
import { packageRoot } from '../compiler-artefact.js';

/** One thing that a pod or one of its containers says. */
export interface PodFragment {
  /** The upstream check that it is about. */
  control: string;
  /** The path begins at a container, not at the pod. */
  container?: boolean;
  path: (string | number)[];
  value: Json;
}

/** What the evaluator of the Pod Security Standards says; written by `tools/pod-security-oracle`. */
export interface PodSecurityAnswers {
  /** Go module and version. */
  module: string;
  levels: string[];
  /** `1.25` and so on. */
  versions: string[];
  bases: JsonObject[];
  /** Paths of containers. */
  slots: (string | number)[][];
  fragments: PodFragment[];
  /** All that came out: for each level one character a version, `1` where the pod is allowed. */
  verdicts: string[][];
  /** `[base, verdict, fragment, slot, fragment, slot, …]`. */
  pods: number[][];
}

/** Where the Go program lies that made the answers. */
export const ORACLE_FOLDER = join(packageRoot(), 'tools', 'pod-security-oracle');

const FILE = join(packageRoot(), 'libs', 'engine', 'src', 'testdata', 'pod-security.json.br');

/** @returns the answers as they were written, JSON */
export function podSecurityText(): string {
  return brotliDecompressSync(readFileSync(FILE)).toString('utf8');
}

/**
 * Makes a pod as the Go program made it: a base and what was done to it, one after another.
 * @param answers that it is of
 * @param coded one of their `pods`
 */
export function podOf(answers: PodSecurityAnswers, coded: readonly number[]): JsonObject {
  const [base = 0, , ...edits] = coded;
  const pod = structuredClone(answers.bases[base] ?? {});
  for (let at = 0; at < edits.length; at += 2) {
    const fragment = answers.fragments[edits[at] ?? 0];
    const slot = answers.slots[edits[at + 1] ?? -1] ?? [];
    if (fragment !== undefined) put(pod, [...slot, ...fragment.path], structuredClone(fragment.value));
  }
  return pod;
}

/** What is missing or null on the way is made; lists are there already. */
function put(root: JsonObject, path: readonly (string | number)[], value: Json): void {
  let holder = root;
  for (const key of path.slice(0, -1)) {
    holder[key] ??= {};
    holder = holder[key] as JsonObject;
  }
  holder[path.at(-1) ?? ''] = value;
}
