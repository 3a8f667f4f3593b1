import { Inject, Injectable } from '@nestjs/common';
import { ExpiredRows, HistoryPartitions, LOGGER, Queues, type Logger } from '#platform';

/** What a worker talks to besides the use cases. */
@Injectable()
export class WorkerPorts {
  constructor(
    readonly queues: Queues,
    readonly partitions: HistoryPartitions,
    readonly expired: ExpiredRows,
    @Inject(LOGGER) readonly logger: Logger,
  ) {}
}
