import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { AuditLogReadModel, AuditVerifyReadModel } from '#audit';
import {
  auditChainSchema,
  auditLogPageSchema,
  listAuditLogQuery,
  type AuditChainShape,
  type AuditEntryShape,
  type ListAuditLog,
} from '#contracts';
import type { Page, Scope } from '#kernel';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { ExportSlots } from '../exports/export-slots.js';

@Controller('api/v1/audit-log')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class AuditLogController {
  constructor(
    private readonly log: AuditLogReadModel,
    private readonly chain: AuditVerifyReadModel,
    private readonly slots: ExportSlots,
  ) {}

  @Get()
  @Answers('Who changed what, the latest first', 200, auditLogPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: listAuditLogQuery }) query: ListAuditLog,
  ): Promise<Page<AuditEntryShape>> {
    return this.log.list(scope, query);
  }

  @Get('verify')
  @Answers('Whether the whole log is as it was written', 200, auditChainSchema)
  verify(@RequestScope() scope: Scope, @Res({ passthrough: true }) response: Response): Promise<AuditChainShape> {
    return this.slots.use(scope.orgId, response, (signal) => this.chain.verify(scope, signal));
  }
}
