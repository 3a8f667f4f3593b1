import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { AppError } from '#kernel';
import { Database, Metrics } from '#platform';
import { OpenApiDocument } from './openapi.js';

@Controller()
@ApiExcludeController()
export class OperationsController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    private readonly openapi: OpenApiDocument,
  ) {}

  /** Alive: the process answers. */
  @Get('healthz')
  healthz(): { status: string } {
    return { status: 'ok' };
  }

  /** Ready: the database answers too. */
  @Get('readyz')
  async readyz(): Promise<{ status: string }> {
    try {
      await this.database.dangerouslyAskDirectory('select directory.org_by_slug($1)', ['']);
    } catch (cause) {
      throw new AppError('unavailable', 'The database does not answer.', { cause });
    }
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('Cache-Control', 'no-store')
  async prometheus(@Res() response: Response): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }

  @Get('openapi.json')
  document(): object {
    return this.openapi.document;
  }
}
