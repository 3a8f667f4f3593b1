import { Module } from '@nestjs/common';
import { EventHandlers } from '#platform';
import { ORGANIZATION_CREATED } from '#tenancy';
import { BuiltInLibrary } from './built-in-library.js';
import { PoliciesReadModel } from './policies.read-model.js';
import { PolicySetsReadModel } from './policy-sets.read-model.js';
import { PolicySetsService } from './policy-sets.service.js';
import { ProvisioningService } from './provisioning.service.js';

const PUBLIC = [PoliciesReadModel, PolicySetsReadModel, PolicySetsService, ProvisioningService];
const LIBRARY = { provide: BuiltInLibrary, useFactory: () => BuiltInLibrary.load() };

@Module({
  providers: [LIBRARY, ...PUBLIC],
  exports: [BuiltInLibrary, ...PUBLIC],
})
export class PoliciesModule {
  constructor(handlers: EventHandlers, provisioning: ProvisioningService) {
    handlers.whileCommitting(ORGANIZATION_CREATED, (tx) => provisioning.provision(tx));
  }
}
