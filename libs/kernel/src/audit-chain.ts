import { canonicalJson, sha256 } from './json.js';
import type { Actor } from './scope.js';

/** One line of the audit log, as it is hashed. */
export interface AuditLine {
  org_id: string;
  seq: number;
  at: Date | string;
  actor: Actor;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
  request_id: string | null;
}

/** A line with its place in the chain. */
export interface ChainedLine {
  line: AuditLine;
  prevHash: Uint8Array;
  hash: Uint8Array;
}

/** What stands before the first line. */
export const GENESIS = Buffer.alloc(32);

/** `missing`: lines before this one are not there; everything else can only come from somebody who edited the log. */
export const CHAIN_FAULTS = ['changed', 'unlinked', 'out-of-order', 'missing'] as const;
export type ChainFaultReason = (typeof CHAIN_FAULTS)[number];

/** The first place where a log is not what its chain says. */
export interface ChainFault {
  /** Number of the line; of the first one that is not there, where lines are missing. */
  seq: number;
  reason: ChainFaultReason;
}

/**
 * Chains a line to the one before: whoever changes, drops or reorders one changes every hash after it.
 * @param previous hash of the line before, 32 bytes; `GENESIS` for the first
 * @param line what happened; a time as text is the text that `Date` gives
 * @returns SHA-256 of (previous ‖ canonical JSON of the line)
 */
export function chainHash(previous: Uint8Array, line: AuditLine): Buffer {
  return sha256(Buffer.concat([previous, Buffer.from(canonicalJson(line), 'utf8')]));
}

/** Walks a log from its first line, holding nothing but the place it has come to. */
export class ChainWalk {
  /** Number of the last line seen, 0 before the first. */
  seq = 0;
  /** Hash of the last line seen. */
  hash: Uint8Array = GENESIS;

  /**
   * Takes the next line, and goes on from it whatever is wrong with it.
   * @returns what is wrong, undefined where it follows from the line before
   */
  step({ line, prevHash, hash }: ChainedLine): ChainFault | undefined {
    const expected = this.seq + 1;
    const linked = Buffer.compare(prevHash, this.hash) === 0;
    const intact = Buffer.compare(chainHash(prevHash, line), hash) === 0;
    this.seq = line.seq;
    this.hash = hash;
    if (line.seq < expected) return { seq: line.seq, reason: 'out-of-order' };
    if (!intact) return { seq: line.seq, reason: 'changed' };
    if (line.seq > expected) return { seq: expected, reason: 'missing' };
    return linked ? undefined : { seq: line.seq, reason: 'unlinked' };
  }
}
