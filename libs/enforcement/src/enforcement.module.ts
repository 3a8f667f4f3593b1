import { Module } from '@nestjs/common';
import { POLICIES_PROVISIONED } from '#policies';
import { EventHandlers } from '#platform';
import { numberChecks } from './checks.store.js';
import { createDefaultBinding } from './default-binding.js';

@Module({})
export class EnforcementModule {
  constructor(handlers: EventHandlers) {
    handlers.whileCommitting(POLICIES_PROVISIONED, async (tx, { first }) => {
      if (first === true) await createDefaultBinding(tx);
      else await numberChecks(tx);
    });
  }
}
