import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AuditModule } from '#audit';
import { ComplianceModule } from '#compliance';
import { EnforcementModule } from '#enforcement';
import { EvaluationModule } from '#evaluation';
import { FleetModule } from '#fleet';
import { GitModule } from '#git';
import { PoliciesModule } from '#policies';
import { LOGGER, PlatformModule, ProblemFilter, SchemaPipe, type Logger, type PlatformOptions } from '#platform';
import { TenancyModule } from '#tenancy';
import { AgentGateway } from './agent/agent-gateway.js';
import { AgentController } from './agent/agent.controller.js';
import { AuditLogController } from './audit-log/audit-log.controller.js';
import { AgentGuard } from './auth/agent.guard.js';
import { ApiKeyGuard } from './auth/api-key.guard.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { BindingsController } from './bindings/bindings.controller.js';
import { ClustersController } from './clusters/clusters.controller.js';
import { ObjectsController } from './clusters/objects.controller.js';
import { ComplianceController } from './compliance/compliance.controller.js';
import { EtagInterceptor } from './etag.js';
import { GitChecksController } from './git-sources/git-checks.controller.js';
import { GitSourcesController } from './git-sources/git-sources.controller.js';
import { GitHooksController } from './hooks/git-hooks.controller.js';
import { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.js';
import { Admission } from './limits/admission.js';
import { EventStreams } from './events/event-streams.js';
import { EventsController } from './events/events.controller.js';
import { ExportFiles } from './exports/export-files.js';
import { ExportSlots } from './exports/export-slots.js';
import { ExportsController } from './exports/exports.controller.js';
import { ApiFigures } from './operations/api-figures.js';
import { Draining } from './operations/draining.js';
import { OpenApiDocument } from './operations/openapi.js';
import { OperationsController } from './operations/operations.controller.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { MeController } from './organizations/me.controller.js';
import { UsageController } from './organizations/usage.controller.js';
import { AuthoringController } from './policies/authoring.controller.js';
import { ImpactController } from './policies/impact.controller.js';
import { ImportController } from './policies/import.controller.js';
import { OwnPoliciesController } from './policies/own-policies.controller.js';
import { PoliciesController } from './policies/policies.controller.js';
import { PolicySetsController } from './policy-sets/policy-sets.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { TargetsController } from './targets/targets.controller.js';
import { TriggersController } from './triggers/triggers.controller.js';
import { BundlesController } from './validation/bundles.controller.js';
import { ValidationController } from './validation/validation.controller.js';
import { ViolationsController } from './violations/violations.controller.js';

const FEATURES = [
  AuditModule,
  TenancyModule,
  FleetModule,
  PoliciesModule,
  EnforcementModule,
  EvaluationModule,
  ComplianceModule,
  GitModule,
];

@Module({
  imports: FEATURES,
  controllers: [
    AgentController,
    ApiKeysController,
    AuditLogController,
    AuthoringController,
    BindingsController,
    BundlesController,
    ClustersController,
    ComplianceController,
    MeController,
    ObjectsController,
    EventsController,
    ExportsController,
    GitChecksController,
    GitHooksController,
    GitSourcesController,
    OperationsController,
    OrganizationsController,
    ImpactController,
    ImportController,
    OwnPoliciesController,
    PoliciesController,
    PolicySetsController,
    RunsController,
    TargetsController,
    TriggersController,
    UsageController,
    ValidationController,
    ViolationsController,
  ],
  providers: [
    Admission,
    AgentGateway,
    AgentGuard,
    ApiFigures,
    ApiKeyGuard,
    IdempotencyInterceptor,
    Draining,
    EventStreams,
    ExportFiles,
    ExportSlots,
    OpenApiDocument,
    { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
    { provide: APP_PIPE, useFactory: () => new SchemaPipe() },
    { provide: APP_FILTER, useFactory: (logger: Logger) => new ProblemFilter(logger), inject: [LOGGER] },
  ],
  exports: [OpenApiDocument],
})
export class ApiModule {
  static forRoot(options: PlatformOptions, besides: Type[]): DynamicModule {
    return { module: ApiModule, imports: [PlatformModule.forRoot(options), ...besides] };
  }
}
