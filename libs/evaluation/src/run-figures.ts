import { Injectable } from '@nestjs/common';
import { Metrics } from '#platform';
import type { RunTally } from './run-counts.rules.js';
import { type RunRequest, strongestTrigger } from './run-scope.rules.js';

/** How a run ended here; one that is in other hands goes on there. */
export type RunOutcome = 'done' | 'failed' | 'handed_over' | 'lost';

/** What Prometheus is told of runs, where it happens; docs/metrics.md says what for. */
@Injectable()
export class RunFigures {
  constructor(private readonly metrics: Metrics) {}

  /**
   * A run was taken for the first time.
   * @param behind whether something that its organization had wanted before was not done yet when it was wanted
   */
  taken(requestedAt: Date, at: Date, behind: boolean): void {
    this.metrics.runWaits.observe({ behind: behind ? 'own' : 'others' }, seconds(requestedAt, at));
  }

  /**
   * A run was taken that another worker had begun.
   * @param leaseEnded of the other worker; undefined where it gave the run back
   */
  takenOver(leaseEnded: Date | undefined, at: Date): void {
    this.metrics.takenOver.inc({ cause: leaseEnded === undefined ? 'handed_over' : 'silent' });
    if (leaseEnded !== undefined) this.metrics.overdue.observe(seconds(leaseEnded, at));
  }

  /** An agent was asked for what had changed. @param ms that the run waited */
  pulled(outcome: 'synced' | 'away' | 'late', ms: number): void {
    this.metrics.pulls.observe({ outcome }, ms / 1_000);
  }

  /** A run's end here. @param ms since it was taken */
  ended(requests: readonly RunRequest[], outcome: RunOutcome, tally: RunTally, ms: number): void {
    const trigger = strongestTrigger(requests.map((request) => request.trigger));
    this.metrics.runs.observe({ trigger, outcome }, ms / 1_000);
    for (const { reused, objects, verdicts } of tally.parts()) {
      this.metrics.judged.inc({ reused }, objects);
      for (const [verdict, pairs] of Object.entries(verdicts)) this.metrics.pairs.inc({ verdict, reused }, pairs);
    }
  }

  /** Everybody can see what became of the changes that a run looked at. */
  visible(requests: readonly RunRequest[], at: Date): void {
    for (const { arrivedAt } of requests) if (arrivedAt != null) this.metrics.visible.observe(seconds(arrivedAt, at));
  }
}

function seconds(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1_000;
}
