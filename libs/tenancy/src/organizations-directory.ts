import { Injectable } from '@nestjs/common';
import { Database } from '#platform';

/** What waits in an organization. */
export interface WaitingWork {
  orgId: string;
  /** Schedules that are due, or objects that have settled. */
  due: boolean;
  /** Events to be delivered. */
  events: boolean;
  /** Runs to be taken. */
  runs: boolean;
  /** Checks of commits to be taken or told of, git sources to be looked at. */
  git: boolean;
}

/** How much work there is in all organizations together. */
export interface WorkFigures {
  waitingRuns: number;
  runningRuns: number;
  /** Of those, the ones whose worker gives no sign any more. */
  silentRuns: number;
  /** When the run was wanted that has waited longest. */
  wantedFirst: Date | null;
  /** That were not delivered. */
  events: number;
  /** When the oldest of them was emitted. */
  emittedFirst: Date | null;
}

/** Room that a table takes, with its partitions and indexes. */
export interface TableFigures {
  /** With its schema. */
  name: string;
  bytes: number;
  /** As Postgres estimates it. */
  rows: number;
}

/** What the platform itself has to know of all organizations: who they are and where work waits (T4). */
@Injectable()
export class OrganizationsDirectory {
  constructor(private readonly database: Database) {}

  /** @returns the ids of all organizations */
  async dangerouslyListAll(): Promise<string[]> {
    const rows = await this.database.dangerouslyAskDirectory<{ id: string }>(
      'select app.dangerously_organizations() as id',
      [],
    );
    return rows.map((row) => row.id);
  }

  /**
   * @param at the platform's time: runs whose lease ended before are found again
   * @returns organizations for which there is something to do, and what
   */
  async dangerouslyFindWork(at: Date): Promise<WaitingWork[]> {
    const rows = await this.database.dangerouslyAskDirectory<Omit<WaitingWork, 'orgId'> & { org_id: string }>(
      'select org_id, due, events, runs, git from app.dangerously_find_work($1)',
      [at],
    );
    return rows.map(({ org_id: orgId, ...what }) => ({ orgId, ...what }));
  }
  /** @param at the platform's time: leases that ended before are those of silent workers */
  async dangerouslyMeasureWork(at: Date): Promise<WorkFigures> {
    const [row] = await this.database.dangerouslyAskDirectory<{
      waiting: number;
      running: number;
      silent: number;
      wanted_first: Date | null;
      events: number;
      emitted_first: Date | null;
    }>('select * from app.dangerously_measure_work($1)', [at]);
    return {
      waitingRuns: row?.waiting ?? 0,
      runningRuns: row?.running ?? 0,
      silentRuns: row?.silent ?? 0,
      wantedFirst: row?.wanted_first ?? null,
      events: row?.events ?? 0,
      emittedFirst: row?.emitted_first ?? null,
    };
  }

  /** @returns every table of the tenants' data */
  async dangerouslyMeasureTables(): Promise<TableFigures[]> {
    return this.database.dangerouslyAskDirectory<TableFigures>(
      'select name, bytes, tuples as rows from app.dangerously_measure_tables()',
      [],
    );
  }
}
