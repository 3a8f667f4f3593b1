import { Injectable } from '@nestjs/common';
import { systemScope } from '#kernel';
import { SchedulesService } from '#evaluation';
import { ClustersService } from '#fleet';
import { OutboxDelivery } from '#platform';
import { OrganizationsDirectory } from '#tenancy';
import { WorkerPorts } from './worker-ports.js';

/** What is looked for again and again, organization by organization: nothing waits for a wake-up that was lost (J2). */
@Injectable()
export class Sweeps {
  constructor(
    private readonly organizations: OrganizationsDirectory,
    private readonly delivery: OutboxDelivery,
    private readonly schedules: SchedulesService,
    private readonly clusters: ClustersService,
    private readonly ports: WorkerPorts,
  ) {}

  /**
   * Schedules that came due, events that nobody delivered, runs whose wake-up or worker was lost.
   * @param noticed told of organizations with runs to be taken
   * @param isStopping asked before each piece of work
   */
  async work(noticed: (orgId: string) => void, isStopping: () => boolean): Promise<void> {
    for (const { orgId, due, events, runs } of await this.organizations.dangerouslyFindWork(new Date())) {
      if (isStopping()) return;
      if (due) await this.apart(orgId, () => this.schedules.fireDue(systemScope(orgId, 'schedule')));
      if (events) await this.apart(orgId, () => this.deliver(orgId));
      if (runs) noticed(orgId);
    }
  }

  /** Delivers an organization's events. */
  async deliver(orgId: string): Promise<void> {
    this.ports.metrics.events.inc(await this.delivery.deliver(systemScope(orgId, 'deliver events')));
  }

  /** Connections that changed by the clock alone; events that were delivered long ago, and what else has expired. */
  async connections(): Promise<void> {
    for (const orgId of await this.organizations.dangerouslyListAll()) {
      await this.apart(orgId, async () => {
        await this.clusters.sweepConnections(systemScope(orgId, 'sweep connections'));
        await this.delivery.forgetDelivered(systemScope(orgId, 'forget delivered events'));
        await this.ports.expired.forget(systemScope(orgId, 'forget expired rows'));
      });
    }
  }

  /** What goes wrong in one organization is said, and the others come after it all the same. */
  private async apart(orgId: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.ports.logger.error({ err: error, org_id: orgId }, 'sweep');
    }
  }
}
