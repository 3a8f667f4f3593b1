import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import type { Chunk, Scope } from '#kernel';
import { AuditLogReadModel, auditLogRow } from '#audit';
import {
  complianceRows,
  TimelineReadModel,
  violationIntervalRow,
  violationRow,
  ViolationsExportReadModel,
} from '#compliance';
import {
  auditLineSchema,
  auditLogColumns,
  complianceColumns,
  exportAuditLogQuery,
  exportComplianceQuery,
  exportViolationsQuery,
  timelineSchema,
  violationColumns,
  violationIntervalColumns,
  violationIntervalSchema,
  violationSchema,
  type AuditLineShape,
  type ComplianceColumns,
  type ExportAuditLog,
  type ExportCompliance,
  type ExportViolations,
  type ViolationIntervalShape,
  type ViolationShape,
} from '#contracts';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';
import { AnswersDocumentFile, AnswersFile } from './answers-file.js';
import { ExportFiles } from './export-files.js';
import type { ExportFormat, ExportTable } from './export-format.js';

const VIOLATIONS: ExportTable<ViolationShape> = { name: 'violations', columns: violationColumns, row: violationRow };
const INTERVALS: ExportTable<ViolationIntervalShape> = {
  name: 'violation-history',
  columns: violationIntervalColumns,
  row: violationIntervalRow,
};
const AUDIT_LOG: ExportTable<AuditLineShape> = { name: 'audit-log', columns: auditLogColumns, row: auditLogRow };
const COMPLIANCE: ExportTable<ComplianceColumns> = {
  name: 'compliance',
  columns: complianceColumns,
  row: (row) => row,
};
/** A timeline is read at once; so many of its rows are written at a time. */
const ROWS_AT_ONCE = 1_000;

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
    private readonly timeline: TimelineReadModel,
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

  @Get('compliance.csv')
  @AnswersFile('The timeline of compliance as CSV, a row for each point of each group', 'csv', {
    Columns: complianceColumns,
  })
  complianceCsv(
    @RequestScope() scope: Scope,
    @Query({ schema: exportComplianceQuery }) query: ExportCompliance,
    @Res() response: Response,
  ): Promise<void> {
    const file = { format: 'csv' as const, table: COMPLIANCE, bom: query.bom };
    return this.files.send(scope, response, file, () => this.complianceParts(scope, query));
  }

  @Get('compliance.json')
  @AnswersDocumentFile(
    'The timeline of compliance as JSON',
    'As `GET /compliance/timeline` answers it: gaps and markers lie beside the points. Its end is in the file’s name.',
    timelineSchema,
  )
  complianceJson(
    @RequestScope() scope: Scope,
    @Query({ schema: exportComplianceQuery }) query: ExportCompliance,
    @Res() response: Response,
  ): Promise<void> {
    return this.files.sendDocument(scope, response, COMPLIANCE.name, async () => {
      const document = await this.timeline.get(scope, query);
      return { at: new Date(document.to), document };
    });
  }

  private async *complianceParts(scope: Scope, query: ExportCompliance): AsyncGenerator<Chunk<ComplianceColumns>> {
    const timeline = await this.timeline.get(scope, query);
    const at = new Date(timeline.to);
    const rows = complianceRows(timeline);
    do yield { at, items: rows.splice(0, ROWS_AT_ONCE) };
    while (rows.length > 0);
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
