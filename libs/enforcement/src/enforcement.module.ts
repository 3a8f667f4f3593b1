import { Module } from '@nestjs/common';
import {
  BuiltInLibrary,
  PoliciesModule,
  POLICIES_PROVISIONED,
  POLICY_PUBLISHED,
  POLICY_SET_CHANGED,
  type PolicyPublished,
  type PolicySetChanged,
} from '#policies';
import { EventHandlers } from '#platform';
import { BindingsReadModel } from './bindings.read-model.js';
import { BindingsService } from './bindings.service.js';
import { numberChecks } from './checks.store.js';
import { extendPins } from './binding-members.store.js';
import { createDefaultBinding } from './default-binding.js';
import { ENFORCEMENT_CHANGED, type EnforcementChanged } from './enforcement.events.js';
import { conditionsOfSet, requireBindingsToFit } from './effective-bindings.read-model.js';
import { ImportBindings } from './import-bindings.service.js';
import { TargetsReadModel } from './targets.read-model.js';
import { TargetsService } from './targets.service.js';
import { TriggersReadModel } from './triggers.read-model.js';
import { TriggersService } from './triggers.service.js';

const PUBLIC = [
  BindingsReadModel,
  BindingsService,
  ImportBindings,
  TargetsReadModel,
  TargetsService,
  TriggersReadModel,
  TriggersService,
];

@Module({ imports: [PoliciesModule], providers: PUBLIC, exports: PUBLIC })
export class EnforcementModule {
  constructor(handlers: EventHandlers, library: BuiltInLibrary) {
    handlers.whileCommitting(POLICIES_PROVISIONED, async (tx, { first }) => {
      if (first === true) await createDefaultBinding(tx);
      else await numberChecks(tx);
    });
    handlers.whileCommitting(POLICY_PUBLISHED, async (tx, payload) => {
      await requireBindingsToFit(tx, (payload as unknown as PolicyPublished).policy_id);
    });
    handlers.whileCommitting(POLICY_SET_CHANGED, async (tx, payload) => {
      const { policy_set_id: policySetId } = payload as unknown as PolicySetChanged;
      await extendPins(tx, policySetId, library.module.manifest.release);
      await numberChecks(tx);
      const changed: EnforcementChanged = { conditions: await conditionsOfSet(tx, policySetId) };
      if (changed.conditions.length > 0) tx.emit({ topic: ENFORCEMENT_CHANGED, payload: { ...changed } });
    });
  }
}
