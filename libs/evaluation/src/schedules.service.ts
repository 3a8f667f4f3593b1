import { Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import { takeDueTriggers } from '#enforcement';
import { Database } from '#platform';
import { clustersMeant } from './affected-clusters.store.js';
import { RunLedger } from './run-ledger.store.js';
import { takeSettled } from './settling.store.js';

/** Turns what came due into runs, exactly once, however many workers look: schedules, and objects that have settled. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
  ) {}

  /**
   * Takes what is due in an organization: the next tick and the wish for the runs commit together. A scheduled run
   * judges all pairs of its bindings again (J4); of settled objects, only what waited is judged.
   * @param scope the platform's own
   * @returns how many runs are wanted
   */
  async fireDue(scope: Scope): Promise<number> {
    return this.database.run(scope, async (tx) => {
      const wanted = new Map<string, string[]>();
      for (const { bindingId, condition } of await takeDueTriggers(tx)) {
        for (const clusterId of await clustersMeant(tx, [condition]))
          wanted.set(clusterId, [...(wanted.get(clusterId) ?? []), bindingId]);
      }
      for (const [clusterId, bindings] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)))
        await this.ledger.want(tx, clusterId, { trigger: 'schedule', scope: { bindings }, force: true });
      const settled = await takeSettled(tx);
      for (const [clusterId, objects] of settled)
        await this.ledger.want(tx, clusterId, { trigger: 'object-change', scope: { objects }, force: false });
      return wanted.size + settled.size;
    });
  }
}
