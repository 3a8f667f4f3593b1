import { Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { AppError, requirePublicId, type Page, type Scope } from '#kernel';
import {
  listValidationsQuery,
  validateQuery,
  validationPageSchema,
  validationSummarySchema,
  type ValidateQuery,
  type ValidationFormat,
} from '#contracts';
import { ValidationService, ValidationsReadModel } from '#evaluation';
import { formatApart, mediaTypeOf, type PolicyHelp } from '#formats';
import { readJsonBody, readYamlBody, type ValidationInput } from '#judging';
import { PoliciesReadModel } from '#policies';
import type { Principal } from '#tenancy';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestPrincipal, RequestScope, RequireScope } from '../auth/principal.js';
import type { MeasuredRequest } from '../operations/measured-requests.js';
import { formatFor } from './answer-format.js';
import { AnswersResult } from './answers-result.js';

/** Formats with a place for what policies say of themselves; for the others it would be read for nothing. */
const WITH_HELP: ReadonlySet<ValidationFormat> = new Set(['sarif']);

@Controller('api/v1')
@UseGuards(ApiKeyGuard)
export class ValidationController {
  constructor(
    private readonly validation: ValidationService,
    private readonly validations: ValidationsReadModel,
    private readonly policies: PoliciesReadModel,
  ) {}

  @Post('validate')
  @HttpCode(200)
  @RequireScope('validate')
  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: { $ref: '#/components/schemas/PostedSpecs' } })
  @AnswersResult('Judge specs before they are deployed')
  async validate(
    @RequestScope() scope: Scope,
    @RequestPrincipal() principal: Principal,
    @Req() request: MeasuredRequest,
    @Query({ schema: validateQuery }) query: ValidateQuery,
    @Res() response: Response,
  ): Promise<void> {
    const { result, json } = await this.validation.validate(scope, inputOf(request), principal.failOn);
    request.decision = result.decision;
    await this.send(scope, json, query, response);
  }

  @Get('validations')
  @RequireScope('read', 'validate')
  @Answers('Validations, the latest first', 200, validationPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: listValidationsQuery }) query: z.infer<typeof listValidationsQuery>,
  ): Promise<Page<z.infer<typeof validationSummarySchema>>> {
    return this.validations.list(scope, query);
  }

  @Get('validations/:id')
  @RequireScope('read', 'validate')
  @AnswersResult('One validation as it was answered')
  async get(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Query({ schema: validateQuery }) query: ValidateQuery,
    @Res() response: Response,
  ): Promise<void> {
    const json = await this.validations.get(scope, requirePublicId('validation', id));
    await this.send(scope, json, query, response);
  }

  /** Bytes go out as they are; of what a handler returns, Nest would make text and bytes again. */
  private async send(scope: Scope, json: Buffer, query: ValidateQuery, response: Response): Promise<void> {
    response.vary('Accept');
    const format = formatFor(response.req, query.format);
    response.setHeader('Content-Type', mediaTypeOf(format));
    const help = WITH_HELP.has(format) ? await this.policies.metadata(scope) : new Map<string, PolicyHelp>();
    response.send(format === 'json' ? json : await formatApart(format, json, help));
  }
}

function inputOf(request: Request): ValidationInput {
  const body: unknown = request.body;
  if (request.is('json') !== false && request.is('json') !== null) return readJsonBody(body);
  if (typeof body === 'string') return readYamlBody(body);
  if (
    request.headers['content-length'] === '0' ||
    (body === undefined && request.headers['content-type'] === undefined)
  )
    return readYamlBody('');
  throw new AppError('unsupported_media_type', 'Send JSON as `application/json` or YAML as `application/yaml`.');
}
