import { AppError } from '#kernel';
import type { Tx } from './transaction.js';
import type { IdempotentRequest } from './idempotency.rules.js';

/** For as long an answer is kept. */
export const IDEMPOTENCY_KEPT_MS = 24 * 3_600_000;

/** What was answered, without its secrets. */
export interface KeptAnswer {
  status: number;
  location: string | null;
  /** JSON text; empty where the answer was. */
  answer: string;
}

/**
 * Takes the key for the rest of the transaction: its end, however it comes, sets the key free.
 * @returns what was answered to the same request before; undefined where it was not made yet
 * @throws AppError `idempotency_in_progress` where another request holds the key, `idempotency_mismatch` where the key
 *   was used for another request
 */
export async function takeIdempotencyKey(tx: Tx, request: IdempotentRequest): Promise<KeptAnswer | undefined> {
  const [lock] = await tx.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [`idempotency ${tx.scope.orgId} ${request.keyDigest.toString('hex')}`],
  );
  if (lock?.taken !== true) {
    throw new AppError(
      'idempotency_in_progress',
      'A request with this Idempotency-Key is at work: send it again in a moment for its answer.',
    );
  }
  const [kept] = await tx.query<KeptAnswer & { body_digest: Buffer }>(
    `select status, location, answer, body_digest from app.idempotency_key
     where org_id = $1 and key_digest = $2 and created_at > $3`,
    [tx.scope.orgId, request.keyDigest, new Date(tx.now.getTime() - IDEMPOTENCY_KEPT_MS)],
  );
  if (kept === undefined) return undefined;
  if (kept.body_digest.equals(request.bodyDigest)) return kept;
  throw new AppError(
    'idempotency_mismatch',
    'This Idempotency-Key was used for a request with another body: take a new key for a new request.',
  );
}

/** Keeps an answer beside the work that it tells of; both commit, or neither. */
export async function keepAnswer(tx: Tx, request: IdempotentRequest, kept: KeptAnswer): Promise<void> {
  await tx.query(
    `insert into app.idempotency_key (org_id, key_digest, body_digest, route, status, location, answer, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (org_id, key_digest) do update set body_digest = excluded.body_digest, status = excluded.status,
       location = excluded.location, answer = excluded.answer, created_at = excluded.created_at`,
    [
      tx.scope.orgId,
      request.keyDigest,
      request.bodyDigest,
      request.route,
      kept.status,
      kept.location,
      kept.answer,
      tx.now,
    ],
  );
}
