import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError, parsePublicId, sha256Hex, systemScope, type Scope } from '#kernel';
import type { HookAnswer } from '#contracts';
import { Database, isForeignKeyViolation, Metrics, SecretUnreadable, type Tx } from '#platform';
import { shownCheck } from './git-check-ledger.store.js';
import {
  branchOf,
  looksAt,
  pullRequestRef,
  type GitEvent,
  type HookRequest,
  type PullRequestEvent,
  type PushEvent,
} from './git-event.rules.js';
import { noteHead } from './git-heads.store.js';
import { PROVIDERS } from './git-providers.js';
import { GitSecrets } from './git-secrets.js';
import type { GitSource } from './git-source.entity.js';
import { noteEvent } from './git-sources.store.js';
import { GitWishes, holdRefs, supersede } from './git-wishes.store.js';
import { pullRequestWish, pushWish } from './git-wish.rules.js';

const DELIVERY_MAX = 200;
const SOURCES_KNOWN = 10_000;

/** As much of a source as its deliveries are about. */
type HookedSource = Pick<GitSource, 'orgId' | 'sourceId' | 'provider' | 'webhookSecret' | 'branches' | 'lastEventAt'>;

/** Takes deliveries of providers: genuine ones, each once; what they ask for waits for a worker. */
@Injectable()
export class GitHooks {
  private readonly organizations = new LRUCache<string, string>({ max: SOURCES_KNOWN });

  constructor(
    private readonly database: Database,
    private readonly wishes: GitWishes,
    private readonly secrets: GitSecrets,
    private readonly metrics: Metrics,
  ) {}

  /**
   * @param shownId of the source, as it stands in the path
   * @param hook as it came, its body unread
   * @param about of the request, for the log
   * @returns what it asks for; a replay and what tells nothing ask for nothing
   * @throws AppError `unauthenticated` where there is no such source or it is not its provider's, `malformed_json`, `invalid_body`
   */
  async receive(shownId: string, hook: HookRequest, about: Partial<Scope>): Promise<HookAnswer> {
    const sourceId = parsePublicId('gitSource', shownId);
    const orgId = sourceId === null ? undefined : await this.dangerouslyFindOrganization(sourceId);
    if (sourceId === null || orgId === undefined) throw refusal();
    const scope = { ...systemScope(orgId, 'git hook'), ...about };
    const source = await this.sourceOf(scope, sourceId, hook);
    const events = PROVIDERS[source.provider].parse(hook);
    return this.database.run(scope, async (tx) => {
      const answer = (await isReplay(tx, source, hook))
        ? ignored('It came before.')
        : await this.take(tx, source, events);
      tx.afterCommit(() => this.metrics.gitHooks.inc({ provider: source.provider, outcome: answer.status }));
      return answer;
    });
  }

  /** A source is one organization's for ever: who is asked once needs not be asked again. */
  private async dangerouslyFindOrganization(sourceId: string): Promise<string | undefined> {
    const present = this.organizations.get(sourceId);
    if (present !== undefined) return present;
    const [row] = await this.database.dangerouslyAskDirectory<{ id: string | null }>(
      'select directory.git_source($1) as id',
      [sourceId],
    );
    if (row?.id == null) return undefined;
    this.organizations.set(sourceId, row.id);
    return row.id;
  }

  /**
   * Reads the source before anything is held: nobody holds up the others who can't prove who he is.
   * @throws AppError `unauthenticated`
   */
  private async sourceOf(scope: Scope, sourceId: string, hook: HookRequest): Promise<HookedSource> {
    const { rows, now } = await this.database.glance<Omit<HookedSource, 'orgId' | 'sourceId'>>(
      scope,
      `select provider, webhook_secret as "webhookSecret", branches, last_event_at as "lastEventAt"
       from app.git_source where org_id = $1 and source_id = $2`,
      [scope.orgId, sourceId],
    );
    const source = rows[0] && { orgId: scope.orgId, sourceId, ...rows[0] };
    if (source === undefined || !this.isGenuine(source, hook, now)) throw refusal();
    return source;
  }

  private isGenuine(source: HookedSource, hook: HookRequest, now: Date): boolean {
    try {
      return PROVIDERS[source.provider].verify(hook, this.secrets.webhookSecretOf(source), now);
    } catch (error) {
      if (error instanceof SecretUnreadable) return false;
      throw error;
    }
  }

  private async take(tx: Tx, source: HookedSource, events: readonly GitEvent[]): Promise<HookAnswer> {
    await holdRefs(tx, source.sourceId, events.map(refOf));
    await noteEvent(tx, source);
    const checks: string[] = [];
    for (const event of events) {
      const checkId = await this.takeOne(tx, source, event);
      if (checkId !== undefined) checks.push(shownCheck(checkId));
    }
    if (checks.length > 0) return { status: 'accepted', detail: 'It is checked soon.', checks };
    return ignored(
      events.length === 0 ? 'It tells of no commits.' : 'There is nothing to check, or it was checked before.',
    );
  }

  private async takeOne(tx: Tx, source: HookedSource, event: GitEvent): Promise<string | undefined> {
    switch (event.kind) {
      case 'push':
        return this.push(tx, source, event);
      case 'pull_request':
        if (!looksAt(source.branches, `refs/heads/${event.baseRef}`)) return undefined;
        return this.pullRequest(tx, source.sourceId, event);
      case 'pull_request_closed':
        await noteHead(tx, source.sourceId, pullRequestRef(event.number), null);
        await supersede(tx, source.sourceId, pullRequestRef(event.number));
        return undefined;
    }
  }

  private async push(tx: Tx, source: HookedSource, event: PushEvent): Promise<string | undefined> {
    if (!looksAt(source.branches, event.ref)) return undefined;
    if (branchOf(event.ref) !== undefined) await noteHead(tx, source.sourceId, event.ref, event.commit);
    if (event.commit !== null)
      return this.wishes.want(tx, pushWish(source.sourceId, event, event.commit, 'push'), false);
    await supersede(tx, source.sourceId, event.ref);
    return undefined;
  }

  private async pullRequest(tx: Tx, sourceId: string, event: PullRequestEvent): Promise<string | undefined> {
    const moved = await noteHead(tx, sourceId, pullRequestRef(event.number), event.head);
    const wish = pullRequestWish(sourceId, event, 'pull_request');
    if (wish.commit !== null) return this.wishes.want(tx, wish, false);
    // What is shortened can't be looked up: it is new where it is another one than before.
    return moved ? this.wishes.want(tx, wish, true) : undefined;
  }
}

/** Whole; of a pull request our own name for it. */
function refOf(event: GitEvent): string {
  return event.kind === 'push' ? event.ref : pullRequestRef(event.number);
}

/** One answer for whoever may not know which it is. */
function refusal(): AppError {
  return new AppError(
    'unauthenticated',
    'This is not the hook of a git source, or the delivery is not signed with its secret.',
  );
}

function ignored(detail: string): HookAnswer {
  return { status: 'ignored', detail, checks: [] };
}

/**
 * Keeps a delivery by what its provider calls it and by its content: the name is in no signature, the content is. What says
 * in its signature when it was sent is another one each time. What is kept keeps its source from being taken away.
 * @throws AppError `unauthenticated` where it was taken away meanwhile
 */
async function isReplay(tx: Tx, source: HookedSource, hook: HookRequest): Promise<boolean> {
  const named = PROVIDERS[source.provider].deliveryOf(hook);
  const content = sha256Hex(Buffer.concat([Buffer.from(`${hook.headers['webhook-timestamp'] ?? ''}\n`), hook.body]));
  const names = [
    `content:${content}`,
    ...(named === undefined ? [] : [`name:${sha256Hex(named.slice(0, DELIVERY_MAX))}`]),
  ];
  try {
    const rows = await tx.query(
      `insert into app.git_delivery (org_id, source_id, delivery, received_at)
       select $1, $2, d, $4 from unnest($3::text[]) d on conflict do nothing returning 1`,
      [source.orgId, source.sourceId, names, tx.now],
    );
    return rows.length < names.length;
  } catch (error) {
    throw isForeignKeyViolation(error) ? refusal() : error;
  }
}
