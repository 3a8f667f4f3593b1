import { Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { AppError, requirePublicId, type Page, type Scope } from '#kernel';
import {
  listValidationsQuery,
  validateQuery,
  validationPageSchema,
  validationSummarySchema,
  type ValidateQuery,
  type ValidationResult,
} from '#contracts';
import { ValidationService, ValidationsReadModel } from '#evaluation';
import { formatResult, mediaTypeOf } from '#formats';
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
import { policyHelp } from './policy-help.js';

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
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { result, json } = await this.validation.validate(scope, inputOf(request), principal.failOn);
    request.decision = result.decision;
    return this.inFormat(scope, result, query, response, json);
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
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const result = await this.validations.get(scope, requirePublicId('validation', id));
    return this.inFormat(scope, result, query, response);
  }

  private async inFormat(
    scope: Scope,
    result: ValidationResult,
    query: ValidateQuery,
    response: Response,
    json?: string,
  ): Promise<string> {
    response.vary('Accept');
    const format = formatFor(response.req, query.format);
    response.setHeader('Content-Type', mediaTypeOf(format));
    if (format === 'json') return json ?? JSON.stringify(result);
    const policies = await policyHelp(this.policies, scope, result, format);
    return formatResult(format, result, { policies });
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
