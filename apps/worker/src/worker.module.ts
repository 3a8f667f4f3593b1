import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from '#audit';
import { ComplianceModule } from '#compliance';
import { EnforcementModule } from '#enforcement';
import { EvaluationModule } from '#evaluation';
import { FleetModule } from '#fleet';
import { GitModule } from '#git';
import { PoliciesModule } from '#policies';
import { PlatformModule, type PlatformOptions } from '#platform';
import { TenancyModule } from '#tenancy';
import { EachOrganization } from './each-organization.js';
import { GitWorker } from './git-worker.js';
import { Housekeeping } from './housekeeping.js';
import { OperationsServer } from './operations-server.js';
import { Sweeps } from './sweeps.js';
import { WorkerFigures } from './worker-figures.js';
import { WorkerPorts } from './worker-ports.js';
import { WorkerService } from './worker.service.js';

@Module({
  imports: [
    AuditModule,
    TenancyModule,
    FleetModule,
    PoliciesModule,
    EnforcementModule,
    EvaluationModule,
    ComplianceModule,
    GitModule,
  ],
  providers: [
    EachOrganization,
    GitWorker,
    Housekeeping,
    OperationsServer,
    Sweeps,
    WorkerFigures,
    WorkerPorts,
    WorkerService,
  ],
  exports: [OperationsServer, WorkerService],
})
export class WorkerModule {
  static forRoot(options: PlatformOptions): DynamicModule {
    return { module: WorkerModule, imports: [PlatformModule.forRoot(options)] };
  }
}
