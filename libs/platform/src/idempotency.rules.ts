import { AppError, canonicalJson, sha256, type Json } from '#kernel';

const KEY = /^[\x20-\x7e]{1,255}$/;

/** A request under a key of its client's: whose it is, and what it asks for. */
export interface IdempotentRequest {
  /** SHA-256 of (credential, route, key); the organization is the row's. */
  keyDigest: Buffer;
  /** SHA-256 of query and body as canonical JSON. */
  bodyDigest: Buffer;
  /** Method and path. */
  route: string;
}

/**
 * @param credentialId public id of the API key
 * @param route method and path, ids and all: the same key on two resources is two keys
 * @param key the header as it was sent
 * @param content query and body, as they were parsed
 * @throws AppError `bad_request` where the key is empty, too long or not ASCII
 */
export function idempotentRequest(
  credentialId: string,
  route: string,
  key: string,
  content: { query: unknown; body: unknown },
): IdempotentRequest {
  if (!KEY.test(key)) {
    throw new AppError('bad_request', 'Send an Idempotency-Key of 1 to 255 printable ASCII characters, as in a UUID.');
  }
  return {
    keyDigest: sha256(canonicalJson([credentialId, route, key])),
    bodyDigest: sha256(canonicalJson(content)),
    route,
  };
}

/**
 * Takes secrets out of an answer that is to be kept.
 * @param answer as it is sent, a JSON object
 * @param secrets paths of members, dotted from the root
 * @returns a copy without them, that says so
 */
export function withoutSecrets(answer: Json, secrets: readonly string[]): Json {
  if (secrets.length === 0) return answer;
  const copy = structuredClone(answer);
  for (const secret of secrets) {
    const keys = secret.split('.');
    const last = keys.pop() ?? '';
    let holder: unknown = copy;
    for (const key of keys) holder = (holder as Record<string, unknown> | undefined)?.[key];
    if (typeof holder === 'object' && holder !== null) delete (holder as Record<string, unknown>)[last];
  }
  return { ...(copy as Record<string, Json>), secret_shown: true };
}
