import { Injectable } from '@nestjs/common';
import { systemScope } from '#kernel';
import { CountDays } from '#compliance';
import { ClustersService } from '#fleet';
import { OutboxDelivery } from '#platform';
import { EachOrganization } from './each-organization.js';
import { WorkerPorts } from './worker-ports.js';

/** What is put in order now and then, whoever works meanwhile. */
@Injectable()
export class Housekeeping {
  constructor(
    private readonly each: EachOrganization,
    private readonly clusters: ClustersService,
    private readonly delivery: OutboxDelivery,
    private readonly countDays: CountDays,
    private readonly ports: WorkerPorts,
  ) {}

  /** Connections that changed by the clock alone; events that were delivered long ago, and what else has expired. */
  async connections(): Promise<void> {
    await this.each.all(async (orgId) => {
      await this.clusters.sweepConnections(systemScope(orgId, 'sweep connections'));
      await this.delivery.forgetDelivered(systemScope(orgId, 'forget delivered events'));
      await this.ports.expired.forget(systemScope(orgId, 'forget expired rows'));
    });
  }

  /** Days that have ended are packed. */
  async days(): Promise<void> {
    await this.each.all((orgId) => this.countDays.pack(systemScope(orgId, 'pack days')));
  }

  /** There are partitions for what is to come. */
  async partitions(): Promise<void> {
    await this.ports.partitions.extend(new Date());
  }
}
