import { z } from 'zod';
import { heartbeatSchema } from './agent.contract.js';

/** Where an agent and the platform are after a heartbeat, and what for. */
const commandId = z.uuid();

const traceparentSchema = z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, 'as W3C’s header');

/** What an agent says over its connection. A heartbeat comes first, so that both know where the other is (F9). */
export const agentMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('heartbeat'), ...heartbeatSchema.shape }),
  z.strictObject({
    type: z.literal('synced').describe('everything that changed until the command came has been sent'),
    command_id: commandId,
    ...heartbeatSchema.shape,
  }),
]);
export type AgentMessage = z.infer<typeof agentMessageSchema>;

/** What the platform says over an agent's connection. */
export const platformMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ack'),
    epoch: z.int(),
    seq: z.int(),
    in_sync: z.boolean().describe('false: begin a new epoch and list everything again'),
  }),
  z
    .object({
      type: z.literal('sync'),
      command_id: commandId,
      traceparent: traceparentSchema
        .optional()
        .describe('of the span that waits for it: the header of what is sent for it'),
    })
    .describe('send what has changed, then say `synced`'),
  z
    .object({ type: z.literal('goodbye'), reconnect_after_ms: z.int() })
    .describe('this replica ends: connect again after that, another one answers'),
]);
export type PlatformMessage = z.infer<typeof platformMessageSchema>;

/** The connection was closed because a newer one of the same cluster was opened. */
export const CLOSED_REPLACED = 4_000;
/** The connection was closed because of what the agent sent. */
export const CLOSED_INVALID = 4_001;
/** The credential has ended. */
export const CLOSED_REVOKED = 4_003;
