import { Injectable } from '@nestjs/common';
import { systemScope } from '#kernel';
import { GIT_QUEUE, GitWork } from '#git';
import { Dispatcher } from './dispatcher.js';
import { EachOrganization } from './each-organization.js';
import { WorkerPorts } from './worker-ports.js';

/** Most of their time such pieces wait for somebody else's server. */
const CONCURRENT_PIECES = 4;

/** What is done with repositories: in slots of its own, so that a server that hangs holds up no run. */
@Injectable()
export class GitWorker {
  private readonly piecesOf: Dispatcher;

  constructor(
    private readonly work: GitWork,
    private readonly each: EachOrganization,
    private readonly ports: WorkerPorts,
  ) {
    this.piecesOf = new Dispatcher(
      CONCURRENT_PIECES,
      (orgId) => this.execute(orgId),
      (orgId, error) => ports.logger.error({ err: error, org_id: orgId }, 'git'),
    );
  }

  /** Begins to take wake-ups. */
  serve(): void {
    this.ports.queues.serve(GIT_QUEUE, 1, async ({ org_id }) => this.notice(org_id));
  }

  /** There may be something to do in an organization. */
  notice(orgId: string): void {
    this.piecesOf.notice(orgId);
  }

  /** What has expired is taken away. */
  async forget(): Promise<void> {
    await this.each.all((orgId) => this.work.forget(systemScope(orgId, 'forget deliveries and checks')));
  }

  /** Takes nothing more; checks that are under way begin anew in another worker. */
  async stop(): Promise<void> {
    this.work.handOver();
    await this.piecesOf.stop();
  }

  private async execute(orgId: string): Promise<boolean> {
    const done = await this.work.executeNext(systemScope(orgId, 'git'));
    // Whoever else is idle may take the organization's next.
    if (done) this.ports.queues.wake(GIT_QUEUE, { org_id: orgId });
    return done;
  }
}
