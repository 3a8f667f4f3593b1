import { Module } from '@nestjs/common';
import { EventHandlers } from '#platform';
import { ORGANIZATION_CREATED } from '#tenancy';
import { BuiltInLibrary } from './built-in-library.js';
import { PoliciesReadModel } from './policies.read-model.js';
import { ProvisioningService } from './provisioning.service.js';

const LIBRARY = { provide: BuiltInLibrary, useFactory: () => BuiltInLibrary.load() };

@Module({
  providers: [LIBRARY, PoliciesReadModel, ProvisioningService],
  exports: [BuiltInLibrary, PoliciesReadModel, ProvisioningService],
})
export class PoliciesModule {
  constructor(handlers: EventHandlers, provisioning: ProvisioningService) {
    handlers.whileCommitting(ORGANIZATION_CREATED, (tx) => provisioning.provision(tx));
  }
}
