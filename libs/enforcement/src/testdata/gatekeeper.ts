import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import type { JsonObject } from '#kernel';

/** What Gatekeeper's own code says; written by `tools/gatekeeper-oracle`. */
export interface GatekeeperAnswers {
  /** Go module and version. */
  module: string;
  /** `spec.match` of constraints. */
  matches: JsonObject[];
  /** What is reviewed, with its Namespace where that is known. */
  objects: { object: JsonObject; namespace?: JsonObject }[];
  /** For each match a character an object: `1` meant, `0` not meant, `e` where Gatekeeper refuses to say. */
  answers: string[];
  /** `spec` of Configs. */
  configs: JsonObject[];
  /** What the audit and the webhook leave out by each. */
  excluded: [string, string][];
  /** `spec` of constraints. */
  specs: JsonObject[];
  /** What each does by enforcement point, or why it does nothing. */
  actions: (Record<string, string[]> | 'unrecognized' | 'refused')[];
}

/** Compiled, this lies in `dist`, beside which the sources are. */
const ROOT = new URL('../../../../../', import.meta.url);

/** Where the Go program lies that made the answers. */
export const GATEKEEPER_ORACLE_FOLDER = fileURLToPath(new URL('tools/gatekeeper-oracle', ROOT));

/** @returns the answers as they were written, JSON */
export function gatekeeperText(): string {
  const file = new URL('libs/enforcement/src/testdata/gatekeeper.json.br', ROOT);
  return brotliDecompressSync(readFileSync(file)).toString('utf8');
}
