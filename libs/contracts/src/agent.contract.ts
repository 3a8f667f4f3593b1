import { z } from 'zod';
import { jsonObjectSchema, timeSchema } from './common.contract.js';
import { manifestProblemSchema } from './fleet.contract.js';

/** At most this many changes a batch; the agent cuts what is more. */
export const INVENTORY_BATCH_MAX = 500;
export const AGENT_HEARTBEAT_SECONDS = 30;

export const enrollRequestSchema = z.strictObject({
  token: z.string().min(1).max(500),
  agent_version: z.string().min(1).max(100),
  cluster_uid: z.string().min(1).max(100).optional(),
  kubernetes_version: z.string().min(1).max(100).optional(),
});
export type EnrollRequest = z.infer<typeof enrollRequestSchema>;
export const enrollResponseSchema = z.object({
  cluster_id: z.string(),
  credential: z.string(),
  cluster_name: z.string(),
  heartbeat_seconds: z.int(),
});
export type EnrollResponse = z.infer<typeof enrollResponseSchema>;

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in lower-case hexadecimal');

/** One object as it is now, or its end. */
export const inventoryChangeSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('upsert'),
    object: jsonObjectSchema.describe('normalised by the agent; normalised again on arrival, which changes nothing'),
    attributes: jsonObjectSchema.optional(),
    observed_at: timeSchema.optional(),
  }),
  z.strictObject({
    op: z.literal('delete'),
    api_version: z.string().min(1).max(317),
    kind: z.string().min(1).max(63),
    namespace: z.string().max(253).default(''),
    name: z.string().min(1).max(253),
  }),
]);
export type InventoryChange = z.input<typeof inventoryChangeSchema>;

/** `(epoch, seq)`: an epoch begins with a whole listing; `snapshot: "end"` says that what was not listed is gone. */
export const inventoryBatchSchema = z.strictObject({
  epoch: z.int().min(1),
  seq: z.int().min(1),
  normaliser: z.int().min(1).max(32_767),
  snapshot: z.enum(['part', 'end']).optional(),
  changes: z.array(inventoryChangeSchema).max(INVENTORY_BATCH_MAX),
  state_as_of: timeSchema.optional(),
  problems: z.array(manifestProblemSchema).max(1_000).optional().describe('replaces what was reported before'),
});
export type InventoryBatch = z.input<typeof inventoryBatchSchema>;
export const inventoryAckSchema = z.object({
  epoch: z.int(),
  seq: z.int().describe('the last batch applied'),
  applied: z.boolean().describe('false where it had been applied before'),
  rejected: z.array(z.object({ index: z.int(), code: z.string(), message: z.string() })),
});
export type InventoryAck = z.infer<typeof inventoryAckSchema>;

export const heartbeatSchema = z.strictObject({
  epoch: z.int().min(0),
  seq: z.int().min(0),
  digest: hashSchema.optional(),
  agent_version: z.string().min(1).max(100),
  kubernetes_version: z.string().min(1).max(100).optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
export const heartbeatAckSchema = z.object({
  epoch: z.int(),
  seq: z.int(),
  in_sync: z.boolean().describe('false: begin a new epoch and list everything again'),
});
export type HeartbeatAck = z.infer<typeof heartbeatAckSchema>;
