import { Module } from '@nestjs/common';
import { Database } from '#platform';
import { AuditSink } from './audit-log.store.js';

/** Every transaction's audit entries are chained as its last statement (J1). */
@Module({})
export class AuditModule {
  constructor(database: Database) {
    database.addSink(new AuditSink());
  }
}
