import { z } from 'zod';
import { CHAIN_FAULTS } from '#kernel';
import { pageOf, pageQuery, timeSchema } from './common.contract.js';

export const auditEntrySchema = z
  .object({
    seq: z.int(),
    at: timeSchema,
    actor: z.object({ type: z.string(), id: z.string(), name: z.string().optional() }),
    action: z.string(),
    subject: z.string(),
    before: z.unknown().nullable(),
    after: z.unknown().nullable(),
    request_id: z.string().nullable(),
    hash: z.string().describe('SHA-256 over this line and the one before, in hexadecimal'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryShape = z.infer<typeof auditEntrySchema>;
export const listAuditLogQuery = z.strictObject({
  ...pageQuery,
  action: z.string().min(1).max(100).optional().describe('as in `binding.update`'),
  subject: z.string().min(1).max(100).optional().describe('id of what was changed'),
  actor: z.string().min(1).max(100).optional().describe('id of who did it'),
  from: timeSchema.optional(),
  to: timeSchema.optional(),
});
export type ListAuditLog = z.infer<typeof listAuditLogQuery>;
export const auditLogPageSchema = pageOf(auditEntrySchema);

export const auditChainSchema = z
  .object({
    ok: z.boolean(),
    entries: z.int().describe('how many there are'),
    head: z.object({ seq: z.int(), hash: z.string() }).describe('the last entry, as it was noted beside the log'),
    first_bad: z
      .object({
        seq: z.int(),
        reason: z
          .enum(CHAIN_FAULTS)
          .describe(
            'changed: its hash is of something else; unlinked: it does not follow from the entry before, or the head not ' +
              'from it; out-of-order: an entry of this number was there before; missing: it is not there',
          ),
      })
      .optional(),
  })
  .meta({ id: 'AuditChain' });
export type AuditChainShape = z.infer<typeof auditChainSchema>;
