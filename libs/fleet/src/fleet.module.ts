import { Module } from '@nestjs/common';
import { TenancyModule } from '#tenancy';
import { ClustersService } from './clusters.service.js';
import { EnrollmentService } from './enrollment.service.js';
import { FleetReadModel } from './fleet.read-model.js';
import { InventoryService } from './inventory.service.js';
import { Mailbox } from './mailbox.service.js';
import { ObjectsReadModel } from './objects.read-model.js';
import { SignsOfLife } from './signs-of-life.service.js';

const PUBLIC = [
  ClustersService,
  EnrollmentService,
  FleetReadModel,
  InventoryService,
  Mailbox,
  ObjectsReadModel,
  SignsOfLife,
];

@Module({ imports: [TenancyModule], providers: PUBLIC, exports: PUBLIC })
export class FleetModule {}
