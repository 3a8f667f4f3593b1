import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { AuditLogReadModel } from '#audit';
import { auditLogPageSchema, listAuditLogQuery, type AuditEntryShape, type ListAuditLog } from '#contracts';
import type { Page, Scope } from '#kernel';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/audit-log')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class AuditLogController {
  constructor(private readonly log: AuditLogReadModel) {}

  @Get()
  @Answers('Who changed what, the latest first', 200, auditLogPageSchema)
  list(
    @RequestScope() scope: Scope,
    @Query({ schema: listAuditLogQuery }) query: ListAuditLog,
  ): Promise<Page<AuditEntryShape>> {
    return this.log.list(scope, query);
  }
}
