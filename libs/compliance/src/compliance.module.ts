import { Module } from '@nestjs/common';
import { ComplianceReadModel } from './compliance.read-model.js';
import { TimelineReadModel } from './timeline.read-model.js';
import { ViolationsReadModel } from './violations.read-model.js';

const PUBLIC = [ComplianceReadModel, TimelineReadModel, ViolationsReadModel];

@Module({ providers: PUBLIC, exports: PUBLIC })
export class ComplianceModule {}
