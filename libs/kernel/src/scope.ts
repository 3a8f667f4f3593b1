/** Who acts. Kept in the audit log as it is. */
export interface Actor {
  type: 'api_key' | 'agent' | 'operator' | 'system';
  id: string;
  name?: string;
}

/** Who, in which organization, and why: the first argument of all that touches tenant data (T4). */
export interface Scope {
  readonly orgId: string;
  readonly actor: Actor;
  /** For the log and the audit trail: the route, job or command. */
  readonly reason: string;
  readonly requestId?: string;
  /** Within which span it happens, as W3C's `traceparent` writes it; nothing where nothing is traced. */
  readonly traceparent?: string;
}

/**
 * The platform acting for one organization by itself: jobs, timers, start-up.
 * @param orgId the organization, a UUID
 * @param reason the job or command
 */
export function systemScope(orgId: string, reason: string): Scope {
  return { orgId, actor: { type: 'system', id: 'bylaw' }, reason };
}
