import { Injectable } from '@nestjs/common';
import { systemScope } from '#kernel';
import { SchedulesService } from '#evaluation';
import { OutboxDelivery } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { EachOrganization } from './each-organization.js';

/** What is looked for again and again, organization by organization: nothing waits for a wake-up that was lost (J2). */
@Injectable()
export class Sweeps {
  constructor(
    private readonly organizations: OrganizationsDirectory,
    private readonly delivery: OutboxDelivery,
    private readonly schedules: SchedulesService,
    private readonly each: EachOrganization,
  ) {}

  /**
   * Schedules that came due, events that nobody delivered, runs and checks whose wake-up or worker was lost.
   * @param noticed told of organizations with runs to be taken, or with something to be done with their repositories
   * @param isStopping asked before each piece of work
   */
  async work(noticed: Record<'runs' | 'git', (orgId: string) => void>, isStopping: () => boolean): Promise<void> {
    for (const { orgId, due, events, runs, git } of await this.organizations.dangerouslyFindWork(new Date())) {
      if (isStopping()) return;
      if (due) await this.each.apart(orgId, () => this.schedules.fireDue(systemScope(orgId, 'schedule')));
      if (events) await this.each.apart(orgId, () => this.deliver(orgId));
      if (runs) noticed.runs(orgId);
      if (git) noticed.git(orgId);
    }
  }

  /** Delivers an organization's events. */
  async deliver(orgId: string): Promise<void> {
    await this.delivery.deliver(systemScope(orgId, 'deliver events'));
  }
}
