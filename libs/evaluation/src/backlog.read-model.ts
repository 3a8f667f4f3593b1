import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import { Database } from '#platform';

/** What an organization waits for, in figures alone. */
export interface Backlog {
  events: number;
  /** Since when the oldest event waits, milliseconds; null where none does. */
  oldestEventMs: number | null;
  /** Runs that wait for a worker. */
  runs: number;
  oldestRunMs: number | null;
  /** Runs whose worker has gone silent and that nobody has taken over, longest ago. */
  silentRuns: number;
  longestSilentMs: number | null;
}

/** What waits, for those who see to it that it does not wait for long. */
@Injectable()
export class BacklogReadModel {
  constructor(private readonly database: Database) {}

  /** @returns the figures of the scope's organization, by the platform's time */
  async of(scope: Scope): Promise<Backlog> {
    return this.database.run(scope, async (tx) => {
      const [backlog] = await tx.query<Backlog>(
        `with events as (
           select count(*)::int as n, min(at) as oldest from app.outbox where org_id = $1 and dispatched_at is null),
         waiting as (
           select count(*)::int as n, min(requested_at) as oldest from app.run where org_id = $1 and status = 'waiting'),
         silent as (
           select count(*)::int as n, min(lease_until) as oldest from app.run
           where org_id = $1 and status = 'running' and lease_until < $2)
         select e.n as events, w.n as runs, s.n as "silentRuns",
           (extract(epoch from $2::timestamptz - e.oldest) * 1000)::float8 as "oldestEventMs",
           (extract(epoch from $2::timestamptz - w.oldest) * 1000)::float8 as "oldestRunMs",
           (extract(epoch from $2::timestamptz - s.oldest) * 1000)::float8 as "longestSilentMs"
         from events e, waiting w, silent s`,
        [scope.orgId, tx.now],
      );
      if (backlog === undefined) throw new Error('a row of figures is always there');
      return backlog;
    });
  }
}
