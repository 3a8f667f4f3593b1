import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Token of the process's logger. */
export const LOGGER = Symbol('LOGGER');

/**
 * @param options level and format; `pretty` is for a person at a terminal
 * @returns the process's logger, on standard error, so that standard output stays the program's answer
 */
export function createLogger(options: { level: string; format: 'pretty' | 'json' }): Logger {
  const base = { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (options.format === 'json') return pino(base, pino.destination({ fd: 2, sync: false }));
  return pino({
    ...base,
    transport: {
      target: 'pino-pretty',
      options: { destination: 2, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' },
    },
  });
}

/** Nest's own messages in the same stream and shape as ours. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}
