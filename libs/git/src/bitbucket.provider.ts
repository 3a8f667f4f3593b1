import { z } from 'zod';
import type { Severity } from '#kernel';
import {
  actorSchema,
  branchSchema,
  cloneUrlSchema,
  commitSchema,
  numberSchema,
  payloadOf,
  refSchema,
  shortCommitSchema,
  type GitEvent,
  type HookRequest,
  type PullRequestEvent,
} from './git-event.rules.js';
import {
  loginOf,
  repositoryOf,
  type Annotation,
  type CheckReport,
  type CommitStatus,
  type GitProvider,
  type OpenPullRequests,
  type ProviderApi,
  type ProviderTarget,
  type ReportState,
} from './git-provider.js';
import { isSigned } from './hook-signature.rules.js';
import { pullsOf } from './open-pulls.rules.js';
import { ProviderClient } from './provider-client.js';

/** A report takes this many, a call these. */
const ANNOTATIONS_MAX = 1_000;
const ANNOTATIONS_A_CALL = 100;
const KEY_MAX = 40;
const TEXT_MAX = 450;

const actor = z.object({ nickname: actorSchema, display_name: actorSchema }).nullish();
const place = z
  .object({ type: z.string(), name: z.string().max(280), target: z.object({ hash: commitSchema }).nullish() })
  .nullish();
const pushSchema = z.object({
  actor,
  push: z.object({ changes: z.array(z.object({ old: place, new: place })).max(1_000) }),
});
const pullSchema = z.object({
  id: numberSchema,
  author: actor,
  source: z.object({
    branch: z.object({ name: branchSchema }),
    commit: z.object({ hash: shortCommitSchema }),
    // null: the fork was taken away, and its commits with it.
    repository: z
      .object({ full_name: z.string(), links: z.object({ html: z.object({ href: cloneUrlSchema }) }) })
      .nullable(),
  }),
  destination: z.object({
    branch: z.object({ name: branchSchema }),
    repository: z.object({ full_name: z.string() }),
  }),
});
const pullRequestSchema = z.object({ actor, pullrequest: pullSchema });
const closedSchema = z.object({ pullrequest: z.object({ id: numberSchema }) });

/** Bitbucket Cloud. */
export const bitbucket: GitProvider = {
  name: 'bitbucket',
  verify: ({ headers, body }, secret) => isSigned(secret, body, headers['x-hub-signature']),
  deliveryOf: ({ headers }) => headers['x-request-uuid'],
  parse(hook) {
    switch (hook.headers['x-event-key']) {
      case 'repo:push':
        return pushesOf(hook);
      case 'pullrequest:created':
      case 'pullrequest:updated':
        return pullRequestOf(hook);
      case 'pullrequest:fulfilled':
      case 'pullrequest:rejected':
        return [{ kind: 'pull_request_closed', number: payloadOf(closedSchema, hook).pullrequest.id }];
      default:
        return [];
    }
  },
  login: (token) => loginOf(token, 'x-token-auth'),
  api: (target) => new BitbucketApi(target),
};

function pushesOf(hook: HookRequest): GitEvent[] {
  const { actor: who, push } = payloadOf(pushSchema, hook);
  return push.changes.flatMap(({ old, new: now }): GitEvent[] => {
    const named = now ?? old;
    const ref = refSchema.safeParse(`refs/${named?.type === 'tag' ? 'tags' : 'heads'}/${named?.name}`);
    if (named == null || !ref.success) return [];
    return [
      {
        kind: 'push',
        ref: ref.data,
        commit: now?.target?.hash ?? null,
        before: old?.target?.hash ?? null,
        actor: who?.nickname ?? who?.display_name ?? null,
      },
    ];
  });
}

function pullRequestOf(hook: HookRequest): GitEvent[] {
  const { actor: author, pullrequest } = payloadOf(pullRequestSchema, hook);
  return eventOf({ ...pullrequest, author });
}

function eventOf({ id: number, source, destination, author }: z.infer<typeof pullSchema>): [PullRequestEvent] | [] {
  const { repository, branch } = source;
  if (repository === null) return [];
  return [
    {
      kind: 'pull_request',
      number,
      head: source.commit.hash,
      baseRef: destination.branch.name,
      base: null,
      // There are no refs of pull requests: the branch has the commits, in the fork where there is one.
      fetchRef: `refs/heads/${branch.name}`,
      forkUrl: repository.full_name === destination.repository.full_name ? null : `${repository.links.html.href}.git`,
      actor: author?.nickname ?? author?.display_name ?? null,
    },
  ];
}

const STATES: Record<ReportState, string> = {
  pending: 'INPROGRESS',
  success: 'SUCCESSFUL',
  warning: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'FAILED',
};

/** https://developer.atlassian.com/cloud/bitbucket/rest: commit statuses, reports, commits (merge-base), pullrequests. */
class BitbucketApi implements ProviderApi {
  private readonly client: ProviderClient;
  private readonly repository: string;

  constructor({ url, apiUrl, token, http }: ProviderTarget) {
    this.repository = `/repositories/${repositoryOf(url).split('/').map(encodeURIComponent).join('/')}`;
    const authorization = token.includes(':')
      ? `Basic ${Buffer.from(token).toString('base64')}`
      : `Bearer ${loginOf(token, '').password}`;
    const base = apiUrl ?? 'https://api.bitbucket.org/2.0';
    this.client = new ProviderClient(http, base, { authorization });
  }

  async mergeBase(base: string, head: string): Promise<string | undefined> {
    const { body } = await this.client.call('GET', `${this.repository}/merge-base/${base}..${head}`);
    return commitSchema.safeParse((body as { hash?: unknown }).hash).data;
  }

  async openPullRequests(): Promise<OpenPullRequests> {
    const path = `${this.repository}/pullrequests?state=OPEN&sort=-updated_on&pagelen=50`;
    return pullsOf(await this.client.list(path), pullSchema, eventOf);
  }

  async setStatus({ commit, context, state, description, link }: CommitStatus): Promise<void> {
    await this.client.call('POST', `${this.repository}/commit/${commit}/statuses/build`, {
      key: context.slice(0, KEY_MAX),
      name: context,
      state: STATES[state],
      description,
      url: link,
    });
  }

  /** Report and annotations have names of ours: sent again they replace what is there. */
  async annotate(report: CheckReport): Promise<string> {
    const { status, title } = report;
    const path = `${this.repository}/commit/${status.commit}/reports/${reportIdOf(report)}`;
    await this.client.call('PUT', path, {
      title: 'Bylaw',
      details: title,
      report_type: 'SECURITY',
      reporter: 'Bylaw',
      link: status.link,
      result: status.state === 'failure' || status.state === 'error' ? 'FAILED' : 'PASSED',
    });
    const annotations = report.annotations.slice(0, ANNOTATIONS_MAX).map(annotationShape);
    for (let at = 0; at < annotations.length; at += ANNOTATIONS_A_CALL)
      await this.client.call('POST', `${path}/annotations`, annotations.slice(at, at + ANNOTATIONS_A_CALL));
    return `build status and report with ${annotations.length} annotations`;
  }
}

/** One for pushes and one for pull requests: both may speak of the same commit. */
function reportIdOf({ sourceId, pullRequest }: CheckReport): string {
  return pullRequest === null ? `bylaw-${sourceId}` : `bylaw-${sourceId}-pr`;
}

const SEVERITIES: Record<Severity, string> = {
  info: 'LOW',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  critical: 'CRITICAL',
};

function annotationShape({ path, line, severity, title, message, id }: Annotation): object {
  return {
    external_id: `bylaw-${id}`,
    annotation_type: 'VULNERABILITY',
    severity: SEVERITIES[severity],
    path,
    line,
    summary: title.slice(0, TEXT_MAX),
    details: message.slice(0, TEXT_MAX),
  };
}
