import { Module } from '@nestjs/common';
import { ComplianceReadModel } from './compliance.read-model.js';
import { CountDays } from './count-days.service.js';
import { TimelineReadModel } from './timeline.read-model.js';
import { ViolationsExportReadModel } from './violations-export.read-model.js';
import { ViolationsReadModel } from './violations.read-model.js';

const PUBLIC = [ComplianceReadModel, CountDays, TimelineReadModel, ViolationsExportReadModel, ViolationsReadModel];

@Module({ providers: PUBLIC, exports: PUBLIC })
export class ComplianceModule {}
