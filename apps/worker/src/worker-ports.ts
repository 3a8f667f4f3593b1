import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, Metrics, Queues, type Logger } from '#platform';

/** What a worker talks to besides the use cases. */
@Injectable()
export class WorkerPorts {
  constructor(
    readonly queues: Queues,
    readonly metrics: Metrics,
    @Inject(LOGGER) readonly logger: Logger,
  ) {}
}
