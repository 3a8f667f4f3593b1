import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, Queues, type Logger } from '#platform';

/** What a worker talks to besides the use cases. */
@Injectable()
export class WorkerPorts {
  constructor(
    readonly queues: Queues,
    @Inject(LOGGER) readonly logger: Logger,
  ) {}
}
