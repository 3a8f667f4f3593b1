import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Response } from 'express';
import { AppError } from '#kernel';
import { healthSchema, type Health } from '#contracts';
import { Database, Metrics } from '#platform';
import { Answers, Refuses } from '../answers.js';
import { z } from 'zod';
import { Draining } from './draining.js';
import { OpenApiDocument } from './openapi.js';

@Controller()
export class OperationsController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    private readonly openapi: OpenApiDocument,
    private readonly draining: Draining,
  ) {}

  /** Alive: the process answers. */
  @Get('healthz')
  @Answers('Whether the process answers', 200, healthSchema, 'none')
  healthz(): Health {
    return { status: 'ok' };
  }

  /** Ready: the database answers too, and the replica stays. */
  @Get('readyz')
  @Answers('Whether the database answers too, and the replica is not about to end', 200, healthSchema, 'none')
  async readyz(): Promise<Health> {
    if (this.draining.isUnderWay) throw new AppError('unavailable', 'This replica is about to end: ask another one.');
    try {
      await this.database.dangerouslyAskDirectory('select directory.org_by_slug($1)', ['']);
    } catch (cause) {
      throw new AppError('unavailable', 'The database does not answer.', { cause });
    }
    return { status: 'ok' };
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Figures for Prometheus' })
  @ApiOkResponse({ description: 'Done', content: { 'text/plain': { schema: { type: 'string' } } } })
  @Refuses()
  @Header('Cache-Control', 'no-store')
  async prometheus(@Res() response: Response): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }

  @Get('openapi.json')
  @Answers('This description', 200, z.looseObject({}), 'none')
  document(): object {
    return this.openapi.document;
  }
}
