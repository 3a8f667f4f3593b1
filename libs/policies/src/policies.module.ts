import { Module } from '@nestjs/common';
import { EventHandlers } from '#platform';
import { ORGANIZATION_CREATED } from '#tenancy';
import { AuthoringService } from './authoring.service.js';
import { BuiltInLibrary } from './built-in-library.js';
import { PoliciesReadModel } from './policies.read-model.js';
import { ImportService } from './import.service.js';
import { LibrarySamples } from './library-samples.js';
import { OwnModules } from './own-modules.service.js';
import { OwnPoliciesService } from './own-policies.service.js';
import { PolicySetsReadModel } from './policy-sets.read-model.js';
import { PolicySetsService } from './policy-sets.service.js';
import { PolicyTests } from './policy-tests.service.js';
import { ProvisioningService } from './provisioning.service.js';
import { QuarantineService } from './quarantine.service.js';
import { RegoCompilers } from './rego-compilers.js';
import { Trials } from './trials.js';

const PUBLIC = [
  AuthoringService,
  ImportService,
  OwnModules,
  OwnPoliciesService,
  PoliciesReadModel,
  PolicySetsReadModel,
  PolicySetsService,
  PolicyTests,
  ProvisioningService,
  QuarantineService,
];
const LIBRARY = { provide: BuiltInLibrary, useFactory: () => BuiltInLibrary.load() };

@Module({
  providers: [LIBRARY, LibrarySamples, RegoCompilers, Trials, ...PUBLIC],
  exports: [BuiltInLibrary, ...PUBLIC],
})
export class PoliciesModule {
  constructor(handlers: EventHandlers, provisioning: ProvisioningService) {
    handlers.whileCommitting(ORGANIZATION_CREATED, (tx) => provisioning.provision(tx));
  }
}
