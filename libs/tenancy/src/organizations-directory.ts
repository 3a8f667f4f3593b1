import { Injectable } from '@nestjs/common';
import { Database } from '#platform';

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
   * @param at the platform's time
   * @returns organizations with schedules that are due, or objects that have settled
   */
  async dangerouslyFindDue(at: Date): Promise<string[]> {
    const rows = await this.database.dangerouslyAskDirectory<{ id: string }>(
      'select app.dangerously_find_due($1) as id',
      [at],
    );
    return rows.map((row) => row.id);
  }

  /**
   * @param at the platform's time: runs whose lease ended before are found again
   * @returns organizations with events to deliver (no run) and runs to be taken
   */
  async dangerouslyFindWork(at: Date): Promise<{ orgId: string; runId: string | null }[]> {
    const rows = await this.database.dangerouslyAskDirectory<{ org_id: string; run_id: string | null }>(
      'select org_id, run_id from app.dangerously_find_work($1)',
      [at],
    );
    return rows.map((row) => ({ orgId: row.org_id, runId: row.run_id }));
  }
}
