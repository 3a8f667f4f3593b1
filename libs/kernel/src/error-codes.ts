/**
 * Every way in which the platform refuses, with its HTTP status and title (RFC 9457). The list is closed: clients
 * match on the code, so a code is added, never renamed.
 */
export const ERROR_CODES = {
  bad_request: [400, 'The request is not valid'],
  invalid_body: [400, 'The body is not what this route takes'],
  malformed_json: [400, 'The body is not JSON'],
  malformed_yaml: [400, 'The body is not YAML'],
  no_specs: [400, 'The body holds no Kubernetes objects'],
  invalid_filter: [400, 'A filter is not valid'],
  invalid_cursor: [400, 'The cursor is not valid'],
  invalid_limit: [400, 'The limit is not valid'],
  unauthenticated: [401, 'A valid credential is needed'],
  credential_expired: [401, 'The credential has expired'],
  credential_revoked: [401, 'The credential was revoked'],
  token_used: [401, 'The enrolment token was used already'],
  token_expired: [401, 'The enrolment token has expired'],
  forbidden_scope: [403, 'The credential lacks the scope'],
  not_found: [404, 'Nothing is here'],
  method_not_allowed: [405, 'The method is not allowed here'],
  cluster_name_taken: [409, 'Another cluster has this name'],
  slug_taken: [409, 'The slug is taken'],
  cluster_removed: [409, 'The cluster was removed'],
  stale_epoch: [409, 'A newer epoch was begun'],
  batch_gap: [409, 'An earlier batch is missing'],
  digest_mismatch: [409, 'The inventory differs from the agent’s'],
  conflict: [409, 'The request conflicts with the present state'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The content type is not taken here'],
  all_documents_invalid: [422, 'No document is a valid Kubernetes object'],
  unprocessable: [422, 'The request cannot be carried out'],
  too_many_requests: [429, 'Too many requests'],
  internal: [500, 'Something went wrong on our side'],
  unavailable: [503, 'The service is not ready'],
} as const satisfies Record<string, readonly [number, string]>;

export type ErrorCode = keyof typeof ERROR_CODES;
