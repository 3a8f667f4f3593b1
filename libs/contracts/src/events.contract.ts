import { z } from 'zod';
import { connectionSchema } from './fleet.contract.js';
import { timeSchema } from './common.contract.js';
import { runSchema } from './evaluation.contract.js';
import { gitCheckSchema } from './git.contract.js';

/** What can be followed as it happens. */
export const LIVE_TOPICS = [
  'run.progress',
  'run.finished',
  'violation.opened',
  'violation.resolved',
  'cluster.connection',
  'git-check.finished',
] as const;
export type LiveTopic = (typeof LIVE_TOPICS)[number];

/** So many violations are named in one event; of more it says how many they are. */
export const LIVE_IDS_MAX = 50;

const runStepSchema = z.object({
  run_id: z.string(),
  cluster_id: z.string(),
  status: runSchema.shape.status,
  counts: runSchema.shape.counts,
});

const violationsStepSchema = z.object({
  cluster_id: z.string(),
  count: z.int().describe('how many changed together'),
  violation_ids: z.array(z.string()).max(LIVE_IDS_MAX).describe('the first of them'),
});

const gitCheckStepSchema = gitCheckSchema
  .pick({ source_id: true, ref: true, pull_request: true, commit: true, decision: true })
  .extend({ check_id: z.string(), status: z.enum(['done', 'failed']) });

/** What happened: its topic is the `event` of server-sent events, its payload the `data`. */
export const liveEventSchema = z
  .discriminatedUnion('topic', [
    z.object({ topic: z.literal('run.progress'), payload: runStepSchema }),
    z.object({ topic: z.literal('run.finished'), payload: runStepSchema }),
    z.object({ topic: z.literal('violation.opened'), payload: violationsStepSchema }),
    z.object({ topic: z.literal('violation.resolved'), payload: violationsStepSchema }),
    z.object({
      topic: z.literal('cluster.connection'),
      payload: z.object({ cluster_id: z.string(), connection: connectionSchema, since: timeSchema }),
    }),
    z.object({ topic: z.literal('git-check.finished'), payload: gitCheckStepSchema }),
  ])
  .meta({ id: 'LiveEvent' });
export type LiveEvent = z.infer<typeof liveEventSchema>;

/** Comes instead of an event where what happened since `Last-Event-ID` is not known any more: load everything anew. */
export const RESET_EVENT = 'reset';

const ONE_TOPIC = `(?:${LIVE_TOPICS.map((topic) => topic.replaceAll('.', '\\.')).join('|')})`;
const TOPICS = new RegExp(`^${ONE_TOPIC}(?:,${ONE_TOPIC})*$`);

export const followEventsQuery = z.strictObject({
  topics: z
    .string()
    .max(200)
    .regex(TOPICS, `some of ${LIVE_TOPICS.join(', ')}, with commas between`)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(LIVE_TOPICS)).min(1))
    .optional()
    .describe(`some of ${LIVE_TOPICS.join(', ')}, with commas between; without it, all`),
  cluster_id: z.string().max(60).optional().describe('what is of this cluster alone'),
});
export type FollowEvents = z.infer<typeof followEventsQuery>;
