import { z } from 'zod';
import { changeOf, nameOfAtMost, pageOf, pageQuery, timeSchema } from './common.contract.js';
import { publicIdOf } from './enforcement.contract.js';
import { decisionSchema, validationViolationSchema } from './evaluation.contract.js';
import { secretShown } from './secret-shown.contract.js';

/** Where repositories lie; `git` is any server that speaks git over HTTPS and can call a hook. */
export const GIT_PROVIDERS = ['github', 'gitlab', 'gitea', 'bitbucket', 'git'] as const;
export type GitProviderName = (typeof GIT_PROVIDERS)[number];

/** Bytes of one delivery of a provider; a push that is larger is found by the poll. */
export const HOOK_BYTES_MAX = 5 * 1024 * 1024;
export const POLL_MINUTES_DEFAULT = 15;

const url = z
  .url({ protocol: /^https?$/ })
  .max(1_000)
  .describe('where git clones from, over https; without a credential in it');
const apiUrl = z
  .url({ protocol: /^https?$/ })
  .max(1_000)
  .describe('of the provider’s API, where it is not where it usually is');
const globs = z
  .array(z.string().min(1).max(317).describe('`*` stands for any run of characters, `?` for one'))
  .min(1)
  .max(200);
const secret = z
  .string()
  .min(1)
  .max(2_000)
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII characters without spaces');
const webhookSecret = secret.min(16, 'at least 16 characters: it is what proves that a delivery is genuine');
const pollMinutes = z.int().min(1).max(1_440);

const optionalFields = {
  api_url: apiUrl.optional(),
  branches: globs
    .optional()
    .describe('all unless given; of pull requests, the branch they are to go into. `refs/tags/*` adds tags'),
  paths: globs.optional().describe('files that are looked at; all unless given'),
  token: secret
    .optional()
    .describe('reads the repository and writes statuses; `user:password` where the server wants a user'),
  webhook_secret: webhookSecret.optional().describe('made where none is given'),
  poll_minutes: pollMinutes
    .optional()
    .describe(`how often it is looked for pushes that no delivery told of; ${POLL_MINUTES_DEFAULT} unless given`),
};

export const createGitSourceSchema = z.strictObject({
  name: nameOfAtMost(120),
  provider: z.enum(GIT_PROVIDERS),
  url,
  ...optionalFields,
});
export type CreateGitSource = z.infer<typeof createGitSourceSchema>;

/** null takes a setting, or the token, away. */
export const patchGitSourceSchema = changeOf({
  name: nameOfAtMost(120),
  url,
  api_url: apiUrl.nullable(),
  branches: globs.nullable(),
  paths: globs.nullable(),
  token: secret.nullable(),
  webhook_secret: webhookSecret,
  poll_minutes: pollMinutes,
});
export type PatchGitSource = z.infer<typeof patchGitSourceSchema>;

export const gitSourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.enum(GIT_PROVIDERS),
    url: z.string(),
    api_url: z.string().nullable(),
    branches: z.array(z.string()).nullable(),
    paths: z.array(z.string()).nullable(),
    has_token: z.boolean(),
    poll_minutes: z.int(),
    hook_url: z.string().describe('what the provider is to call'),
    status: z.object({
      state: z.enum(['new', 'ok', 'failing']),
      detail: z.string().nullable().describe('why it is failing'),
      last_event_at: timeSchema.nullable(),
      last_polled_at: timeSchema.nullable(),
    }),
    revision: z.int(),
  })
  .meta({ id: 'GitSource' });
export type GitSourceShape = z.infer<typeof gitSourceSchema>;
export const gitSourcePageSchema = pageOf(gitSourceSchema);
export const createdGitSourceSchema = gitSourceSchema
  .extend({ webhook_secret: z.string().optional().describe('shown this once'), ...secretShown })
  .meta({ id: 'CreatedGitSource' });
export type CreatedGitSource = z.infer<typeof createdGitSourceSchema>;

/** A branch by its name, or a ref whole. What git itself would not take as a name is refused. */
const refSchema = z
  .string()
  .min(1)
  .max(250)
  .regex(
    /^(?![-/.])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[!-)+-9;->@-Z\]_-}\u00a1-\uffff]+(?<![./])$/,
    'a branch such as main, or a ref such as refs/tags/v1',
  );
export const requestGitCheckSchema = z.strictObject({
  ref: refSchema,
  all: z.boolean().optional().describe('every manifest, not only those that differ from the base'),
});
export type RequestGitCheck = z.infer<typeof requestGitCheckSchema>;

export const GIT_CHECK_STATUSES = ['waiting', 'running', 'done', 'failed', 'superseded'] as const;
export type GitCheckStatus = (typeof GIT_CHECK_STATUSES)[number];
export const GIT_CHECK_CAUSES = ['push', 'pull_request', 'poll', 'manual'] as const;
export type GitCheckCause = (typeof GIT_CHECK_CAUSES)[number];

export const gitCheckSummarySchema = z.object({
  files: z.int().describe('manifests that were looked at'),
  objects: z.int(),
  new: z.int().describe('violations that the base does not have: they alone decide'),
  existing: z.int(),
  errors: z.int().describe('checks that gave no judgement'),
  denying_errors: z.int().describe('those of them that are enforced by `deny`: the provider is told of an error'),
  unreadable: z
    .array(z.object({ path: z.string(), reason: z.string() }))
    .describe('files, or documents in them, that were not judged'),
  by_severity: z.record(z.string(), z.int()).describe('of the new ones'),
});
export type GitCheckSummary = z.infer<typeof gitCheckSummarySchema>;

export const gitCheckSchema = z
  .object({
    id: z.string(),
    source_id: z.string(),
    ref: z.string(),
    pull_request: z.int().nullable(),
    commit: z.string().nullable().describe('null until it is known what the ref points at'),
    base: z.string().nullable().describe('the commit it was compared with; null where all is looked at'),
    cause: z.enum(GIT_CHECK_CAUSES),
    actor: z.string().nullable().describe('who pushed, as the provider calls them'),
    status: z.enum(GIT_CHECK_STATUSES),
    attempt: z.int(),
    requested_at: timeSchema,
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    decision: decisionSchema.nullable(),
    summary: gitCheckSummarySchema.nullable(),
    validations: z
      .array(z.string())
      .describe(
        'what was judged, by the ids of GET /validations/{id}: large commits in parts, the strongest of which decides',
      ),
    error: z.string().nullable(),
    report: z
      .object({
        state: z.enum(['none', 'waiting', 'sent', 'failed']),
        detail: z.string().nullable().describe('how it was written back, or why it was not'),
      })
      .describe('what the provider was told'),
  })
  .meta({ id: 'GitCheck' });
export type GitCheckShape = z.infer<typeof gitCheckSchema>;
export const gitCheckPageSchema = pageOf(gitCheckSchema);
/** One check, with what it found. */
export const gitCheckDetailSchema = gitCheckSchema
  .extend({
    violations: z
      .array(validationViolationSchema)
      .describe('as many as were kept, the new ones first, by severity; validations hold them all'),
  })
  .meta({ id: 'GitCheckDetail' });
export type GitCheckDetail = z.infer<typeof gitCheckDetailSchema>;

export const listGitChecksQuery = z.strictObject({
  ...pageQuery,
  source_id: publicIdOf('gits').optional(),
  ref: z.string().min(1).max(300).optional(),
  status: z.enum(GIT_CHECK_STATUSES).optional(),
});
export type ListGitChecks = z.infer<typeof listGitChecksQuery>;

/** What became of a delivery. */
export const hookAnswerSchema = z
  .object({
    status: z.enum(['accepted', 'ignored']),
    detail: z.string(),
    checks: z.array(z.string()).describe('ids of the checks that it asked for'),
  })
  .meta({ id: 'HookAnswer' });
export type HookAnswer = z.infer<typeof hookAnswerSchema>;
