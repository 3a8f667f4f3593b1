import { z } from 'zod';
import {
  changeOf,
  jsonObjectSchema,
  labelsSchema,
  nameOfAtMost,
  objectRefSchema,
  pageOf,
  pageQuery,
  timeSchema,
} from './common.contract.js';
import { secretShown } from './secret-shown.contract.js';

export const CONNECTIONS = ['pending', 'connected', 'stale', 'disconnected'] as const;
export const connectionSchema = z.enum(CONNECTIONS);
export type Connection = (typeof CONNECTIONS)[number];

const clusterNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/,
    'letters, digits, dots, dashes and underscores, at most 100, as in "eu-production"',
  );
const environmentSchema = nameOfAtMost(63);

export const createClusterSchema = z.strictObject({
  name: clusterNameSchema,
  environment: environmentSchema.optional(),
  labels: labelsSchema.optional(),
});
export type CreateCluster = z.infer<typeof createClusterSchema>;
export const patchClusterSchema = changeOf({
  name: clusterNameSchema,
  environment: environmentSchema.nullable(),
  labels: labelsSchema,
});
export type PatchCluster = z.infer<typeof patchClusterSchema>;

export const enrollmentSchema = z.object({
  token: z.string().optional().describe('shown once'),
  expires_at: timeSchema,
  manifest_url: z.string().nullable().optional().describe('holds the token: shown once'),
  ...secretShown,
});

export const manifestProblemSchema = z.object({
  path: z.string(),
  line: z.int(),
  column: z.int(),
  code: z.string(),
  message: z.string(),
});
export type ManifestProblem = z.infer<typeof manifestProblemSchema>;

export const clusterSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    environment: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    connection: connectionSchema,
    unknown_since: timeSchema
      .nullable()
      .describe('set while disconnected: what the counts call unknown is unknown since then'),
    kubernetes_version: z.string().nullable(),
    agent_version: z.string().nullable(),
    last_seen_at: timeSchema.nullable(),
    state_as_of: timeSchema.nullable(),
    objects: z.int(),
    problems: z
      .array(manifestProblemSchema)
      .describe('what the agent could not read, by place, and what was not taken'),
    created_at: timeSchema,
    revision: z.int().describe('of what people edit: name, environment, labels'),
  })
  .meta({ id: 'Cluster' });
export type ClusterShape = z.infer<typeof clusterSchema>;
export const createdClusterSchema = clusterSchema.extend({ enrollment: enrollmentSchema, ...secretShown });
export const listClustersQuery = z.strictObject({ ...pageQuery, name: z.string().max(100).optional() });
export const clusterPageSchema = pageOf(clusterSchema);

export const listObjectsQuery = z.strictObject({
  ...pageQuery,
  kind: z.string().max(200).optional(),
  namespace: z.string().max(253).optional(),
  q: z.string().max(253).optional().describe('prefix of the name'),
  at: timeSchema.optional().describe('what was there at a moment in the past'),
});
export type ListObjects = z.infer<typeof listObjectsQuery>;
export const objectQuery = z.strictObject({ at: timeSchema.optional().describe('as it was at a moment in the past') });
export const objectRevisionsQuery = z.strictObject(pageQuery);
export type ListObjectRevisions = z.infer<typeof objectRevisionsQuery>;
export const objectRevisionSchema = z
  .object({
    valid_from: timeSchema,
    valid_to: timeSchema.nullable().describe('null: it is so now'),
    digest: z.string().describe('SHA-256 of the normalised content, in hexadecimal'),
    ended: z.enum(['changed', 'deleted']).nullable(),
  })
  .meta({ id: 'ObjectRevision' });
export type ObjectRevision = z.infer<typeof objectRevisionSchema>;
export const objectRevisionPageSchema = pageOf(objectRevisionSchema);
export const objectSummarySchema = objectRefSchema
  .extend({ id: z.string(), api_group: z.string(), present_since: timeSchema, observed_at: timeSchema.nullable() })
  .meta({ id: 'ObjectSummary' });
export type ObjectSummary = z.infer<typeof objectSummarySchema>;
export const objectPageSchema = pageOf(objectSummarySchema);
export const objectDetailSchema = objectSummarySchema.extend({
  object: jsonObjectSchema.describe('normalised, secret values masked'),
  attributes: jsonObjectSchema.describe('as they are now; empty for a moment in the past'),
});
export type ObjectDetail = z.infer<typeof objectDetailSchema>;
