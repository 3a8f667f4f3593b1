import { Injectable, type OnModuleInit } from '@nestjs/common';
import { systemClock } from '#kernel';
import { Metrics, type Reading } from '#platform';
import { OrganizationsDirectory, type WorkFigures } from '#tenancy';

/** What is asked of every organization is asked no more often, however many ask for the figures. */
const WORK_FOR_MS = 10_000;
/** Postgres looks at the files of every partition. */
const TABLES_FOR_MS = 60_000;

/** What waits, and how much is kept, in the whole installation: the same in every worker. */
@Injectable()
export class WorkerFigures implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly organizations: OrganizationsDirectory,
  ) {}

  onModuleInit(): void {
    this.watchWork();
    const tables = kept(TABLES_FOR_MS, () => this.organizations.dangerouslyMeasureTables());
    this.metrics.gauge(
      'table_bytes',
      'Room that a table takes, with its partitions and indexes',
      async () => (await tables()).map(({ name: table, bytes }) => ({ labels: { table }, value: bytes })),
      ['table'],
    );
    this.metrics.gauge(
      'table_rows',
      'Rows of a table, as Postgres estimates them',
      async () => (await tables()).map(({ name: table, rows }) => ({ labels: { table }, value: rows })),
      ['table'],
    );
  }

  private watchWork(): void {
    const work = kept(WORK_FOR_MS, () => this.organizations.dangerouslyMeasureWork(new Date(systemClock.now())));
    const { metrics } = this;
    metrics.gauge('runs', 'Runs that are not done', async () => runsOf(await work()), ['status']);
    metrics.gauge('run_oldest_waiting_seconds', 'How long the run has waited that has waited longest', async () =>
      ageOf((await work()).wantedFirst),
    );
    metrics.gauge('outbox_events', 'Events that were not delivered', async () => [{ value: (await work()).events }]);
    metrics.gauge('outbox_oldest_seconds', 'Age of the oldest of them', async () => ageOf((await work()).emittedFirst));
  }
}

function runsOf({ waitingRuns, runningRuns, silentRuns }: WorkFigures): Reading[] {
  return [
    { labels: { status: 'waiting' }, value: waitingRuns },
    { labels: { status: 'running' }, value: runningRuns - silentRuns },
    { labels: { status: 'silent' }, value: silentRuns },
  ];
}

function ageOf(since: Date | null): Reading[] {
  return [{ value: since === null ? 0 : Math.max(0, systemClock.now() - since.getTime()) / 1_000 }];
}

/** Asks once for all who ask within that time; what went wrong is not kept. */
function kept<Answer>(forMs: number, ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  let askedAt = 0;
  return () => {
    if (answer !== undefined && systemClock.now() - askedAt < forMs) return answer;
    askedAt = systemClock.now();
    const asked = ask();
    answer = asked;
    asked.catch(() => {
      answer = undefined;
    });
    return asked;
  };
}
