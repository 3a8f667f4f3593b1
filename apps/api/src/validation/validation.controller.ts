import { Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { AppError, requirePublicId, type Page, type Scope } from '#kernel';
import {
  listValidationsQuery,
  validateQuery,
  validationPageSchema,
  validationResultSchema,
  validationSummarySchema,
  type ValidationResult,
} from '#contracts';
import { ValidationService, ValidationsReadModel } from '#evaluation';
import { readJsonBody, readYamlBody, type ValidationInput } from '#judging';
import type { Principal } from '#tenancy';
import type { Request } from 'express';
import type { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestPrincipal, RequestScope, RequireScope } from '../auth/principal.js';
import type { MeasuredRequest } from '../operations/measured-requests.js';

@Controller('api/v1')
@UseGuards(ApiKeyGuard)
export class ValidationController {
  constructor(
    private readonly validation: ValidationService,
    private readonly validations: ValidationsReadModel,
  ) {}

  @Post('validate')
  @HttpCode(200)
  @RequireScope('validate')
  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: { $ref: '#/components/schemas/PostedSpecs' } })
  @Answers('Judge specs before they are deployed', 200, validationResultSchema)
  async validate(
    @RequestScope() scope: Scope,
    @RequestPrincipal() principal: Principal,
    @Req() request: MeasuredRequest,
    @Query({ schema: validateQuery }) _query: z.infer<typeof validateQuery>,
  ): Promise<ValidationResult> {
    const result = await this.validation.validate(scope, inputOf(request), principal.failOn);
    request.decision = result.decision;
    return result;
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
  @Answers('One validation as it was answered', 200, validationResultSchema)
  get(@RequestScope() scope: Scope, @Param('id') id: string): Promise<ValidationResult> {
    return this.validations.get(scope, requirePublicId('validation', id));
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
