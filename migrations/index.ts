import { DaysOfCounts20261129000018 } from './20261129000018-days-of-counts.js';
import { Evaluation20261124000005 } from './20261124000005-evaluation.js';
import { FairDispatch20261129000014 } from './20261129000014-fair-dispatch.js';
import { Fleet20261124000003 } from './20261124000003-fleet.js';
import { Foundation20261124000001 } from './20261124000001-foundation.js';
import { Git20261129000021 } from './20261129000021-git.js';
import { GitPlans20261129000023 } from './20261129000023-git-plans.js';
import { ImportedPolicies20261129000020 } from './20261129000020-imported-policies.js';
import { Listings20261129000008 } from './20261129000008-listings.js';
import { Live20261129000016 } from './20261129000016-live.js';
import { Mailbox20261129000013 } from './20261129000013-mailbox.js';
import { Manners20261129000009 } from './20261129000009-manners.js';
import { ModuleFaults20261129000015 } from './20261129000015-module-faults.js';
import { ObjectKeys20261124000007 } from './20261124000007-object-keys.js';
import { OverTime20261129000011 } from './20261129000011-over-time.js';
import { OwnPolicies20261124000006 } from './20261124000006-own-policies.js';
import { PoliciesAndEnforcement20261124000004 } from './20261124000004-policies-and-enforcement.js';
import { PolicyLife20261129000019 } from './20261129000019-policy-life.js';
import { QuarantinePerVersion20261129000012 } from './20261129000012-quarantine-per-version.js';
import { Telemetry20261129000017 } from './20261129000017-telemetry.js';
import { TenancyAndAudit20261124000002 } from './20261124000002-tenancy-and-audit.js';
import { Validations20261129000022 } from './20261129000022-validations.js';
import { ValidationTriggers20261129000024 } from './20261129000024-validation-triggers.js';

/** All migrations, in order. */
export const MIGRATIONS = [
  Foundation20261124000001,
  TenancyAndAudit20261124000002,
  Fleet20261124000003,
  PoliciesAndEnforcement20261124000004,
  Evaluation20261124000005,
  OwnPolicies20261124000006,
  ObjectKeys20261124000007,
  Listings20261129000008,
  Manners20261129000009,
  OverTime20261129000011,
  QuarantinePerVersion20261129000012,
  Mailbox20261129000013,
  FairDispatch20261129000014,
  ModuleFaults20261129000015,
  Live20261129000016,
  Telemetry20261129000017,
  DaysOfCounts20261129000018,
  PolicyLife20261129000019,
  ImportedPolicies20261129000020,
  Git20261129000021,
  Validations20261129000022,
  GitPlans20261129000023,
  ValidationTriggers20261129000024,
];
