import { Module } from '@nestjs/common';
import { ComplianceReadModel } from './compliance.read-model.js';
import { ViolationsReadModel } from './violations.read-model.js';

@Module({ providers: [ComplianceReadModel, ViolationsReadModel], exports: [ComplianceReadModel, ViolationsReadModel] })
export class ComplianceModule {}
