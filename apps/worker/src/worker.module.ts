import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from '#audit';
import { EnforcementModule } from '#enforcement';
import { EvaluationModule } from '#evaluation';
import { FleetModule } from '#fleet';
import { PoliciesModule } from '#policies';
import { PlatformModule, type PlatformOptions } from '#platform';
import { TenancyModule } from '#tenancy';
import { Sweeps } from './sweeps.js';
import { WorkerPorts } from './worker-ports.js';
import { WorkerService } from './worker.service.js';

@Module({
  imports: [AuditModule, TenancyModule, FleetModule, PoliciesModule, EnforcementModule, EvaluationModule],
  providers: [Sweeps, WorkerPorts, WorkerService],
  exports: [WorkerService],
})
export class WorkerModule {
  static forRoot(options: PlatformOptions): DynamicModule {
    return { module: WorkerModule, imports: [PlatformModule.forRoot(options)] };
  }
}
