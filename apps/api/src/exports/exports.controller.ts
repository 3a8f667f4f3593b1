import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import type { Scope } from '#kernel';
import { AuditLogReadModel, auditLogRow } from '#audit';
import { violationIntervalRow, violationRow, ViolationsExportReadModel } from '#compliance';
import {
  auditLineSchema,
  auditLogColumns,
  exportAuditLogQuery,
  exportViolationsQuery,
  violationColumns,
  violationIntervalColumns,
  violationIntervalSchema,
  violationSchema,
  type AuditLineShape,
  type ExportAuditLog,
  type ExportViolations,
  type ViolationIntervalShape,
  type ViolationShape,
} from '#contracts';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { AnswersFile } from './answers-file.js';
import { ExportFiles } from './export-files.js';
import type { ExportFormat, ExportTable } from './export-format.js';

const VIOLATIONS: ExportTable<ViolationShape> = { name: 'violations', columns: violationColumns, row: violationRow };
const INTERVALS: ExportTable<ViolationIntervalShape> = {
  name: 'violation-history',
  columns: violationIntervalColumns,
  row: violationIntervalRow,
};
const AUDIT_LOG: ExportTable<AuditLineShape> = { name: 'audit-log', columns: auditLogColumns, row: auditLogRow };

const VIOLATION_COLUMNS = { Columns: violationColumns, 'With `history`': violationIntervalColumns };
const VIOLATION_FIELDS = { Fields: violationSchema, 'With `history`': violationIntervalSchema };

@Controller('api/v1/exports')
@UseGuards(ApiKeyGuard)
@RequireScope('export')
export class ExportsController {
  constructor(
    private readonly files: ExportFiles,
    private readonly violations: ViolationsExportReadModel,
    private readonly auditLog: AuditLogReadModel,
  ) {}

  @Get('violations.csv')
  @AnswersFile('Violations as CSV, by the filters of their list', 'csv', VIOLATION_COLUMNS)
  violationsCsv(
    @RequestScope() scope: Scope,
    @Query({ schema: exportViolationsQuery }) query: ExportViolations,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendViolations(scope, query, response, 'csv');
  }

  @Get('violations.jsonl')
  @AnswersFile('Violations as JSON lines, by the filters of their list', 'jsonl', VIOLATION_FIELDS)
  violationsJsonl(
    @RequestScope() scope: Scope,
    @Query({ schema: exportViolationsQuery }) query: ExportViolations,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendViolations(scope, query, response, 'jsonl');
  }

  @Get('violations.json')
  @AnswersFile('Violations as JSON, by the filters of their list', 'json', VIOLATION_FIELDS)
  violationsJson(
    @RequestScope() scope: Scope,
    @Query({ schema: exportViolationsQuery }) query: ExportViolations,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendViolations(scope, query, response, 'json');
  }

  @Get('audit-log.csv')
  @AnswersFile('The audit log as CSV, the first entry first', 'csv', { Columns: auditLogColumns })
  auditLogCsv(
    @RequestScope() scope: Scope,
    @Query({ schema: exportAuditLogQuery }) query: ExportAuditLog,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendAuditLog(scope, query, response, 'csv');
  }

  @Get('audit-log.jsonl')
  @AnswersFile('The audit log as JSON lines, the first entry first; whole, `bylaw verify` checks it', 'jsonl', {
    Fields: auditLineSchema,
  })
  auditLogJsonl(
    @RequestScope() scope: Scope,
    @Query({ schema: exportAuditLogQuery }) query: ExportAuditLog,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendAuditLog(scope, query, response, 'jsonl');
  }

  private sendViolations(
    scope: Scope,
    query: ExportViolations,
    response: Response,
    format: ExportFormat,
  ): Promise<void> {
    const { bom } = query;
    if (query.history)
      return this.files.send(scope, response, { format, table: INTERVALS, bom }, (signal) =>
        this.violations.intervals(scope, query, signal),
      );
    return this.files.send(scope, response, { format, table: VIOLATIONS, bom }, (signal) =>
      this.violations.violations(scope, query, signal),
    );
  }

  private sendAuditLog(scope: Scope, query: ExportAuditLog, response: Response, format: ExportFormat): Promise<void> {
    return this.files.send(scope, response, { format, table: AUDIT_LOG, bom: query.bom }, (signal) =>
      this.auditLog.export(scope, query, signal),
    );
  }
}
