import { z } from 'zod';
import { payloadOf, refSchema, type GitEvent, type HookRequest } from './git-event.rules.js';
import {
  loginOf,
  markerOf,
  repositoryOf,
  type CheckReport,
  type CommitStatus,
  type GitProvider,
  type OpenPullRequests,
  type ProviderApi,
  type ProviderTarget,
} from './git-provider.js';
import { pullEventOf, pullRequestOf, pullSchema, pushOf, senderSchema } from './github-events.rules.js';
import { isSigned } from './hook-signature.rules.js';
import { pullsOf } from './open-pulls.rules.js';
import { ProviderClient } from './provider-client.js';
import { keepComment } from './pull-comment.js';

const REVIEWED = new Set(['opened', 'reopened', 'synchronized']);
const deleteSchema = z.object({ ref: z.string(), ref_type: z.enum(['branch', 'tag']), sender: senderSchema });

/** Gitea and Forgejo. */
export const gitea: GitProvider = {
  name: 'gitea',
  verify: ({ headers, body }, secret) =>
    isSigned(secret, body, headers['x-gitea-signature'] ?? headers['x-forgejo-signature']),
  deliveryOf: ({ headers }) => headers['x-gitea-delivery'] ?? headers['x-forgejo-delivery'],
  parse(hook) {
    switch (hook.headers['x-gitea-event'] ?? hook.headers['x-forgejo-event']) {
      case 'push':
        return [pushOf(hook)];
      case 'delete':
        return deletionOf(hook);
      case 'pull_request':
      case 'pull_request_sync':
        return pullRequestOf(hook, REVIEWED);
      default:
        return [];
    }
  },
  // Any user does, where the password is a token.
  login: (token) => loginOf(token, 'oauth2'),
  api: (target) => new GiteaApi(target),
};

function deletionOf(hook: HookRequest): GitEvent[] {
  const { ref, ref_type: type, sender: who } = payloadOf(deleteSchema, hook);
  const whole = refSchema.safeParse(ref.startsWith('refs/') ? ref : `refs/${type === 'tag' ? 'tags' : 'heads'}/${ref}`);
  if (!whole.success) return [];
  return [{ kind: 'push', ref: whole.data, commit: null, before: null, actor: who?.login ?? null }];
}

/** The API of /api/swagger: repository (statuses, pulls), issue (comments). */
class GiteaApi implements ProviderApi {
  private readonly client: ProviderClient;
  private readonly repository: string;

  constructor({ url, apiUrl, token, http }: ProviderTarget) {
    this.repository = `/repos/${repositoryOf(url).split('/').map(encodeURIComponent).join('/')}`;
    this.client = new ProviderClient(http, apiUrl ?? `${new URL(url).origin}/api/v1`, {
      authorization: `token ${loginOf(token, '').password}`,
    });
  }

  /** Gitea tells it with the pull request alone. */
  async mergeBase(): Promise<undefined> {
    return undefined;
  }

  async openPullRequests(): Promise<OpenPullRequests> {
    const path = `${this.repository}/pulls?state=open&sort=recentupdate&limit=50`;
    return pullsOf(await this.client.list(path), pullSchema, pullEventOf);
  }

  async setStatus({ commit, context, state, description, link }: CommitStatus): Promise<void> {
    await this.client.call('POST', `${this.repository}/statuses/${commit}`, {
      state,
      context,
      description,
      target_url: link,
    });
  }

  async annotate({ pullRequest, sourceId, summary }: CheckReport): Promise<string> {
    if (pullRequest === null) return 'commit status';
    const comments = `${this.repository}/issues/${pullRequest}/comments`;
    const routes = {
      client: this.client,
      list: `${comments}?limit=50`,
      create: comments,
      change: (id: string) => `${this.repository}/issues/comments/${id}`,
      method: 'PATCH' as const,
    };
    await keepComment(routes, markerOf(sourceId), summary);
    return 'commit status and comment';
  }
}
