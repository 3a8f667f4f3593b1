import { Module } from '@nestjs/common';
import { Database } from '#platform';
import { AuditLogReadModel } from './audit-log.read-model.js';
import { AuditSink } from './audit-log.store.js';
import { AuditVerifyReadModel } from './audit-verify.read-model.js';

/** Every transaction's audit entries are chained as its last statement (J1). */
@Module({ providers: [AuditLogReadModel, AuditVerifyReadModel], exports: [AuditLogReadModel, AuditVerifyReadModel] })
export class AuditModule {
  constructor(database: Database) {
    database.addSink(new AuditSink());
  }
}
