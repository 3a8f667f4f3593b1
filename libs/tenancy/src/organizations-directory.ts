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
      'select org_id, due, events, runs from app.dangerously_find_work($1)',
      [at],
    );
    return rows.map(({ org_id: orgId, ...what }) => ({ orgId, ...what }));
  }
}
