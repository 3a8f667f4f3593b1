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
  type GitEvent,
  type HookRequest,
} from './git-event.rules.js';
import {
  loginOf,
  repositoryOf,
  type Annotation,
  type CheckReport,
  type CommitStatus,
  type GitProvider,
  type ProviderApi,
  type ProviderTarget,
  type ReportState,
} from './git-provider.js';
import { isSigned } from './hook-signature.rules.js';
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
const side = z.object({
  branch: z.object({ name: branchSchema }),
  repository: z
    .object({ full_name: z.string(), links: z.object({ html: z.object({ href: cloneUrlSchema }) }) })
    .nullish(),
});
const pullRequestSchema = z.object({
  actor,
  pullrequest: z.object({ id: numberSchema, source: side, destination: side }),
});

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
        return [pullRequestOf(hook)];
      case 'pullrequest:fulfilled':
      case 'pullrequest:rejected':
        return [{ kind: 'pull_request_closed', number: payloadOf(pullRequestSchema, hook).pullrequest.id }];
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

function pullRequestOf(hook: HookRequest): GitEvent {
  const { actor: who, pullrequest: pull } = payloadOf(pullRequestSchema, hook);
  const { source, destination } = pull;
  const forked = source.repository != null && source.repository.full_name !== destination.repository?.full_name;
  return {
    kind: 'pull_request',
    number: pull.id,
    // Events shorten it.
    commit: null,
    baseRef: destination.branch.name,
    base: null,
    // There are no refs of pull requests: the branch has the commits, in the fork where there is one.
    fetchRef: `refs/heads/${source.branch.name}`,
    inRepository: !forked,
    forkUrl: forked ? `${source.repository?.links.html.href}.git` : null,
    actor: who?.nickname ?? who?.display_name ?? null,
  };
}

const STATES: Record<ReportState, string> = {
  pending: 'INPROGRESS',
  success: 'SUCCESSFUL',
  warning: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'FAILED',
};

/** https://developer.atlassian.com/cloud/bitbucket/rest: commit statuses, reports, commits (merge-base). */
class BitbucketApi implements ProviderApi {
  private readonly client: ProviderClient;
  private readonly repository: string;

  constructor({ url, apiUrl, token, http }: ProviderTarget) {
    this.repository = `/repositories/${repositoryOf(url).split('/').map(encodeURIComponent).join('/')}`;
    const authorization = token.includes(':')
      ? `Basic ${Buffer.from(token).toString('base64')}`
      : `Bearer ${loginOf(token, '').password}`;
    const base = (apiUrl ?? 'https://api.bitbucket.org/2.0').replace(/\/+$/, '');
    this.client = new ProviderClient(http, base, { authorization });
  }

  async mergeBase(base: string, head: string): Promise<string | undefined> {
    const { body } = await this.client.call('GET', `${this.repository}/merge-base/${base}..${head}`);
    return commitSchema.safeParse((body as { hash?: unknown }).hash).data;
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
