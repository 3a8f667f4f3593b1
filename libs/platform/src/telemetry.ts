import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { RATE_CLASSES } from './rate-limits.rules.js';

/** One value of a gauge that is looked up when somebody asks. */
export interface Reading {
  labels?: Record<string, string>;
  value: number;
}

/** Seconds, from what is done while one waits to what is only worth a look; promises of API.md lie on a boundary. */
const REQUEST_SECONDS = [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10];
const VALIDATION_SECONDS = [0.005, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.4, 0.6, 1, 1.5, 3, 10];
const RUN_SECONDS = [0.05, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 300];
const WAIT_SECONDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 1_800];
const OVERDUE_SECONDS = [0.5, 1, 2, 4, 7, 15, 60];
const PULL_SECONDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const ENGINE_POOLS = ['library', 'own'];

/** The figures of one process, as Prometheus reads them; docs/metrics.md says what each is for. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = this.histogram('http_request_duration_seconds', 'Time to answer a request', REQUEST_SECONDS, [
    'method',
    'route',
    'status',
  ]);
  readonly validations = this.histogram(
    'validation_duration_seconds',
    'Time to answer POST /validate, authentication and recording included',
    VALIDATION_SECONDS,
    ['outcome'],
  );
  readonly limited = this.counter('requests_limited_total', 'Requests refused because too many came before', {
    class: [...RATE_CLASSES, 'credentials'],
  });

  readonly runs = this.histogram('run_duration_seconds', 'Time from taking a run to its end here', RUN_SECONDS, [
    'trigger',
    'outcome',
  ]);
  readonly runWaits = this.histogram(
    'run_wait_seconds',
    'Time from the wish for a run to its being taken',
    WAIT_SECONDS,
    ['behind'],
  );
  readonly takenOver = this.counter('runs_taken_over_total', 'Runs that another worker had begun', {
    cause: ['silent', 'handed_over'],
  });
  readonly overdue = this.histogram(
    'run_lease_overdue_seconds',
    'Time from the end of a silent worker’s lease to its run being taken over',
    OVERDUE_SECONDS,
  );
  readonly judged = this.counter(
    'objects_judged_total',
    'Objects that runs looked at, by whether their verdicts were kept from before',
    { reused: ['yes', 'no'] },
  );
  readonly pairs = this.counter('pairs_judged_total', 'Pairs of check and object that runs looked at', {
    verdict: [],
    reused: [],
  });
  readonly visible = this.histogram(
    'change_visible_seconds',
    'Time from a change’s arrival to the end of the run that looked at it',
    WAIT_SECONDS,
  );
  readonly pulls = this.histogram(
    'agent_pull_duration_seconds',
    'Time that runs waited for an agent to send what had changed',
    PULL_SECONDS,
    ['outcome'],
  );

  readonly gitHooks = this.counter('git_hooks_total', 'Genuine deliveries of git providers', {
    provider: [],
    outcome: ['accepted', 'ignored'],
  });
  readonly gitChecks = this.histogram(
    'git_check_duration_seconds',
    'Time from taking a check of a commit to its end here',
    RUN_SECONDS,
    ['outcome'],
  );
  readonly gitReports = this.counter('git_reports_total', 'Results that were to be written back to git providers', {
    outcome: ['sent', 'postponed', 'failed'],
  });

  readonly delivered = this.histogram('outbox_delivery_seconds', 'Age of an event when it was delivered', WAIT_SECONDS);
  readonly queueErrors = this.counter('queue_errors_total', 'What BullMQ reported', {
    kind: ['job', 'wake', 'connection'],
  });
  readonly engineBusy = this.counter('engine_busy_seconds_total', 'Time that worker threads spent on evaluations', {
    pool: ENGINE_POOLS,
  });
  readonly enginePairs = this.counter('engine_pairs_total', 'Pairs of policy and object that were evaluated', {
    pool: ENGINE_POOLS,
  });
  readonly quarantined = this.counter('policies_quarantined_total', 'Own policies that are not run any more');

  /** @param onError what kept a gauge from being read */
  constructor(private readonly onError: (error: unknown) => void) {
    collectDefaultMetrics({ register: this.registry });
  }

  /**
   * Adds a gauge that is looked up whenever the figures are asked for. What can't be read is left out of the answer, so
   * that no old value looks like a new one.
   * @param name after `bylaw_`
   * @param help one line
   * @param read its values; each has the same labels
   * @param labels their names
   */
  gauge(
    name: string,
    help: string,
    read: () => readonly Reading[] | Promise<readonly Reading[]>,
    labels: readonly string[] = [],
  ): void {
    const gauge: Gauge = new Gauge({
      name: `bylaw_${name}`,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      collect: async () => {
        const readings = await this.tried(read);
        gauge.reset();
        if (labels.length === 0) gauge.remove();
        for (const reading of readings) gauge.set(reading.labels ?? {}, reading.value);
      },
    });
  }

  private async tried(read: () => readonly Reading[] | Promise<readonly Reading[]>): Promise<readonly Reading[]> {
    try {
      return await read();
    } catch (error) {
      this.onError(error);
      return [];
    }
  }

  /**
   * @param labels their names, and where there is one, its values: a counter that begins at nothing would hide the first
   *   time something happened
   */
  private counter(name: string, help: string, labels: Record<string, readonly string[]> = {}): Counter {
    const labelNames = Object.keys(labels);
    const counter = new Counter({ name: `bylaw_${name}`, help, labelNames, registers: [this.registry] });
    for (const [label, values] of Object.entries(labels))
      for (const value of values) counter.inc({ [label]: value }, 0);
    return counter;
  }

  private histogram(name: string, help: string, buckets: number[], labels: readonly string[] = []): Histogram {
    return new Histogram({ name: `bylaw_${name}`, help, buckets, labelNames: [...labels], registers: [this.registry] });
  }
}
