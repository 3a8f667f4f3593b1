import type { Severity } from '#kernel';
import { commitSchema } from './git-event.rules.js';
import {
  loginOf,
  markerOf,
  repositoryOf,
  type Annotation,
  type CheckReport,
  type CommitStatus,
  type GitProvider,
  type OpenPullRequests,
  type ProviderApi,
  type ProviderTarget,
  type ReportProgress,
} from './git-provider.js';
import { pullEventOf, pullRequestOf, pullSchema, pushOf } from './github-events.rules.js';
import { isSigned } from './hook-signature.rules.js';
import { ProviderClient, ProviderRefused } from './provider-client.js';
import { pullsOf } from './open-pulls.rules.js';
import { keepComment } from './pull-comment.js';

const CHECK_NAME = 'Bylaw';
/** The API takes this many at a time, and adds those of further calls. */
const ANNOTATIONS_A_CALL = 50;
const REVIEWED = new Set(['opened', 'reopened', 'synchronize', 'ready_for_review']);

/** GitHub, and GitHub Enterprise Server. */
export const github: GitProvider = {
  name: 'github',
  verify: ({ headers, body }, secret) => isSigned(secret, body, headers['x-hub-signature-256']),
  deliveryOf: ({ headers }) => headers['x-github-delivery'],
  parse(hook) {
    switch (hook.headers['x-github-event']) {
      case 'push':
        return [pushOf(hook)];
      case 'pull_request':
        return pullRequestOf(hook, REVIEWED);
      default:
        return [];
    }
  },
  login: (token) => loginOf(token, 'x-access-token'),
  api: (target) => new GithubApi(target),
};

/** https://docs.github.com/rest: commits/statuses, checks/runs, issues/comments, commits/commits (compare), pulls/pulls. */
class GithubApi implements ProviderApi {
  private readonly client: ProviderClient;
  private readonly repository: string;

  constructor({ url, apiUrl, token, http }: ProviderTarget) {
    const { origin, hostname } = new URL(url);
    const usual = hostname === 'github.com' ? 'https://api.github.com' : `${origin}/api/v3`;
    this.repository = `/repos/${repositoryOf(url).split('/').map(encodeURIComponent).join('/')}`;
    this.client = new ProviderClient(http, apiUrl ?? usual, {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${loginOf(token, '').password}`,
      'x-github-api-version': '2022-11-28',
    });
  }

  async mergeBase(base: string, head: string): Promise<string | undefined> {
    const { body } = await this.client.call('GET', `${this.repository}/compare/${base}...${head}?per_page=1`);
    const said = commitSchema.safeParse((body as { merge_base_commit?: { sha?: unknown } }).merge_base_commit?.sha);
    return said.data;
  }

  async openPullRequests(): Promise<OpenPullRequests> {
    const path = `${this.repository}/pulls?state=open&sort=updated&direction=desc&per_page=100`;
    return pullsOf(await this.client.list(path), pullSchema, pullEventOf);
  }

  async setStatus({ commit, context, state, description, link }: CommitStatus): Promise<void> {
    await this.client.call('POST', `${this.repository}/statuses/${commit}`, {
      state: state === 'warning' ? 'success' : state,
      context,
      description,
      target_url: link,
    });
  }

  /** A check run where the token is an app's; else, for nobody but apps may, a comment at the pull request. */
  async annotate(
    report: CheckReport,
    progress: ReportProgress,
    keep: (progress: ReportProgress) => Promise<void>,
  ): Promise<string> {
    try {
      const run = progress.made ?? (await this.findRun(report)) ?? (await this.createRun(report));
      await keep({ ...progress, made: run });
      return await this.fillRun(run, report, progress.annotations, (annotations) => keep({ made: run, annotations }));
    } catch (error) {
      if (!(error instanceof ProviderRefused) || ![401, 403, 404].includes(error.status)) throw error;
      return this.comment(report);
    }
  }

  /** One that was made, though its number was lost on the way back. */
  private async findRun({ checkId, status }: CheckReport): Promise<string | undefined> {
    const path = `${this.repository}/commits/${status.commit}/check-runs?check_name=${CHECK_NAME}&filter=all&per_page=100`;
    const { body } = await this.client.call('GET', path);
    const { check_runs: runs = [] } = body as { check_runs?: { id: number; external_id?: string }[] };
    const own = runs.find(({ external_id: externalId }) => externalId === checkId);
    return own === undefined ? undefined : String(own.id);
  }

  private async createRun({ checkId, status, title, summary }: CheckReport): Promise<string> {
    const { body } = await this.client.call('POST', `${this.repository}/check-runs`, {
      name: CHECK_NAME,
      head_sha: status.commit,
      external_id: checkId,
      details_url: status.link,
      status: 'in_progress',
      output: { title, summary },
    });
    return String((body as { id: number }).id);
  }

  /** @param known how many annotations it has; where that is not known it is asked */
  private async fillRun(
    run: string,
    { status, title, summary, annotations }: CheckReport,
    known: number | undefined,
    keep: (annotations: number) => Promise<void>,
  ): Promise<string> {
    const path = `${this.repository}/check-runs/${run}`;
    let written = known ?? (await this.annotationsOf(path));
    for (; written < annotations.length; written = Math.min(annotations.length, written + ANNOTATIONS_A_CALL)) {
      const next = annotations.slice(written, written + ANNOTATIONS_A_CALL).map(annotationShape);
      await this.client.call('PATCH', path, { output: { title, summary, annotations: next } });
      await keep(Math.min(annotations.length, written + ANNOTATIONS_A_CALL));
    }
    await this.client.call('PATCH', path, {
      status: 'completed',
      conclusion: { success: 'success', warning: 'neutral', failure: 'failure', error: 'failure', pending: 'neutral' }[
        status.state
      ],
      output: { title, summary },
    });
    return `commit status and check run with ${annotations.length} annotations`;
  }

  private async annotationsOf(path: string): Promise<number> {
    const { body } = await this.client.call('GET', path);
    return (body as { output?: { annotations_count?: number } }).output?.annotations_count ?? 0;
  }

  private async comment({ pullRequest, sourceId, summary }: CheckReport): Promise<string> {
    if (pullRequest === null)
      return 'commit status; check runs are for apps, and there is no pull request to comment on';
    const comments = `${this.repository}/issues/${pullRequest}/comments`;
    const routes = {
      client: this.client,
      list: `${comments}?per_page=100`,
      create: comments,
      change: (id: string) => `${this.repository}/issues/comments/${id}`,
      method: 'PATCH' as const,
    };
    await keepComment(routes, markerOf(sourceId), summary);
    return 'commit status and comment; check runs are for apps';
  }
}

const LEVELS: Record<Severity, 'notice' | 'warning' | 'failure'> = {
  info: 'notice',
  low: 'notice',
  medium: 'warning',
  high: 'failure',
  critical: 'failure',
};

function annotationShape({ path, line, severity, title, message }: Annotation): object {
  return { path, start_line: line, end_line: line, annotation_level: LEVELS[severity], title, message };
}
