import { Controller, HttpCode, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { Request } from 'express';
import type { Scope } from '#kernel';
import { importAnswerSchema, importQuery, type ImportAnswer, type ImportQuery } from '#contracts';
import { ImportBindings } from '#enforcement';
import { type Binder, ImportService } from '#policies';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { importOf } from './import-body.js';

/** What else is taken: no schema says anything of it. */
const DESCRIPTION =
  'Also a YAML stream as `application/yaml`, a zip archive as `application/zip`, or files of these as `multipart/form-data`.';

@Controller('api/v1/policies')
@UseGuards(ApiKeyGuard)
@RequireScope('admin')
export class ImportController {
  constructor(
    private readonly imports: ImportService,
    private readonly bindings: ImportBindings,
  ) {}

  @Post('import')
  @HttpCode(200)
  @ApiConsumes('application/json')
  @ApiBody({ description: DESCRIPTION, schema: { $ref: '#/components/schemas/ImportPolicies' } })
  @Answers('Import policies of Gatekeeper, Weave and conftest', 200, importAnswerSchema)
  async import(
    @RequestScope() scope: Scope,
    @Req() request: Request,
    @Query({ schema: importQuery }) query: ImportQuery,
  ): Promise<ImportAnswer> {
    const { files, dryRun } = await importOf(request);
    const bind: Binder = (tx, documents) => this.bindings.carryOut(tx, documents);
    return this.imports.import(scope, files, bind, dryRun || query.dry_run === 'true');
  }
}
