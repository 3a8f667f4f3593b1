import { Injectable } from '@nestjs/common';
import { AppError, publicId, type Scope, uuidV7 } from '#kernel';
import { POLL_MINUTES_DEFAULT, type CreateGitSource, type PatchGitSource } from '#contracts';
import { Database, isUniqueViolation, OutboundHttp, requireRevision, type Tx } from '#platform';
import { GitSecrets } from './git-secrets.js';
import { GitSource } from './git-source.entity.js';
import { holdSource } from './git-sources.store.js';

/** Sources of one organization: each is looked at again and again. */
const SOURCES_MAX = 500;

/** Git sources: which repositories are checked, and how they are reached. */
@Injectable()
export class GitSourcesService {
  constructor(
    private readonly database: Database,
    private readonly secrets: GitSecrets,
    private readonly outbound: OutboundHttp,
  ) {}

  /**
   * @returns its UUID, and the secret that its hook is signed with
   * @throws AppError `name_taken`, `quota_exceeded`, `unprocessable` for a URL that will never be called
   */
  async create(scope: Scope, request: CreateGitSource): Promise<{ sourceId: string; webhookSecret: string }> {
    this.requireUrls(request);
    const webhookSecret = request.webhook_secret ?? this.secrets.make();
    return refusingTakenNames(request.name, () =>
      this.database.run(scope, async (tx) => {
        await requireRoom(tx);
        const owner = { orgId: scope.orgId, sourceId: uuidV7(tx.now.getTime()) };
        const source: GitSource = {
          ...owner,
          name: request.name,
          provider: request.provider,
          url: request.url,
          apiUrl: request.api_url ?? null,
          branches: request.branches ?? null,
          paths: request.paths ?? null,
          token: request.token === undefined ? null : this.secrets.seal(owner, 'token', request.token),
          webhookSecret: this.secrets.seal(owner, 'webhook_secret', webhookSecret),
          pollMinutes: request.poll_minutes ?? POLL_MINUTES_DEFAULT,
          state: 'new',
          detail: null,
          failures: 0,
          lastEventAt: null,
          lastPolledAt: null,
          nextPollAt: tx.now,
          createdAt: tx.now,
          revision: 1,
        };
        await tx.repository(GitSource).insert(source);
        await tx.query('select directory.add_git_source($1)', [owner.sourceId]);
        tx.audit({
          action: 'git-source.create',
          subject: publicId('gitSource', owner.sourceId),
          after: auditShape(source),
        });
        return { sourceId: owner.sourceId, webhookSecret };
      }),
    );
  }

  /**
   * Changes what is given; null takes a setting away. It is looked at again at once.
   * @param revision that the change was made to
   * @throws AppError `not_found`, `stale_revision`, `name_taken`, `unprocessable`
   */
  async patch(scope: Scope, sourceId: string, revision: number | undefined, change: PatchGitSource): Promise<void> {
    this.requireUrls(change);
    await refusingTakenNames(change.name ?? '', () =>
      this.database.run(scope, async (tx) => {
        const before = await requireSource(tx, sourceId);
        requireRevision(before.revision, revision);
        requireTokenElsewhere(before, change);
        const after = this.changed(before, change, tx.now);
        await tx.repository(GitSource).update({ orgId: scope.orgId, sourceId }, after);
        if (after.url !== before.url)
          await tx.query('delete from app.git_head where org_id = $1 and source_id = $2', [scope.orgId, sourceId]);
        tx.audit({
          action: 'git-source.update',
          subject: publicId('gitSource', sourceId),
          before: auditShape(before),
          after: { ...auditShape(after), ...secretsChanged(change) },
        });
      }),
    );
  }

  /**
   * Takes a source away with its checks; the validations that they made stay.
   * @throws AppError `not_found`, `stale_revision`
   */
  async remove(scope: Scope, sourceId: string, revision: number | undefined): Promise<void> {
    await this.database.run(scope, async (tx) => {
      const before = await requireSource(tx, sourceId);
      requireRevision(before.revision, revision);
      await tx.repository(GitSource).delete({ orgId: scope.orgId, sourceId });
      await tx.query('select directory.remove_git_source($1)', [sourceId]);
      tx.audit({ action: 'git-source.delete', subject: publicId('gitSource', sourceId), before: auditShape(before) });
    });
  }

  private changed(before: GitSource, change: PatchGitSource, now: Date): GitSource {
    const { token, webhook_secret: webhookSecret } = change;
    return {
      ...before,
      name: change.name ?? before.name,
      url: change.url ?? before.url,
      apiUrl: change.api_url === undefined ? before.apiUrl : change.api_url,
      branches: change.branches === undefined ? before.branches : change.branches,
      paths: change.paths === undefined ? before.paths : change.paths,
      pollMinutes: change.poll_minutes ?? before.pollMinutes,
      ...(token !== undefined && { token: token === null ? null : this.secrets.seal(before, 'token', token) }),
      ...(webhookSecret !== undefined && {
        webhookSecret: this.secrets.seal(before, 'webhook_secret', webhookSecret),
      }),
      // Another repository has other branches, whatever they are called.
      ...(change.url !== undefined && change.url !== before.url && { lastPolledAt: null }),
      failures: 0,
      nextPollAt: now,
      revision: before.revision + 1,
    };
  }

  private requireUrls(given: { url?: string | undefined; api_url?: string | null | undefined }): void {
    for (const member of ['url', 'api_url'] as const) {
      const text = given[member];
      if (text === undefined || text === null) continue;
      const url = new URL(text);
      const detail =
        url.username !== '' || url.password !== ''
          ? 'It holds a credential, which anybody would see: give it as `token`.'
          : this.outbound.whyNever(url);
      if (detail !== undefined)
        throw new AppError('unprocessable', `${member}: ${detail}`, { errors: [{ pointer: `/${member}`, detail }] });
    }
  }
}

/** @throws AppError `not_found` */
async function requireSource(tx: Tx, sourceId: string): Promise<GitSource> {
  const source = await holdSource(tx, sourceId);
  if (source === undefined) throw new AppError('not_found', 'There is no git source with this id.');
  return source;
}

/**
 * A token was given for one server: whoever may change a source must not have it sent to another one.
 * @throws AppError `unprocessable`
 */
function requireTokenElsewhere(before: GitSource, { url, api_url: apiUrl, token }: PatchGitSource): void {
  if (before.token === null || token !== undefined) return;
  const moves = (from: string | null, to: string | null | undefined): boolean =>
    typeof to === 'string' && (from === null || new URL(to).origin !== new URL(from).origin);
  const member = moves(before.url, url) ? 'url' : moves(before.apiUrl, apiUrl) ? 'api_url' : undefined;
  if (member === undefined) return;
  const detail = 'It leads to another server than the one that the token was given for: give the token again, or null.';
  throw new AppError('unprocessable', `${member}: ${detail}`, { errors: [{ pointer: `/${member}`, detail }] });
}

async function requireRoom(tx: Tx): Promise<void> {
  const [row] = await tx.query<{ n: number }>('select count(*)::int as n from app.git_source where org_id = $1', [
    tx.scope.orgId,
  ]);
  if ((row?.n ?? 0) >= SOURCES_MAX)
    throw new AppError('quota_exceeded', `An organization has at most ${SOURCES_MAX} git sources.`);
}

async function refusingTakenNames<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error, 'git_source_org_id_name_key')) throw error;
    throw new AppError('name_taken', `Another git source is called "${name}": choose another name.`, { cause: error });
  }
}

/** What anybody may read in the log: that there is a token, never which. */
function auditShape(source: GitSource): object {
  return {
    name: source.name,
    provider: source.provider,
    url: source.url,
    api_url: source.apiUrl,
    branches: source.branches,
    paths: source.paths,
    has_token: source.token !== null,
    poll_minutes: source.pollMinutes,
  };
}

function secretsChanged({ token, webhook_secret: webhookSecret }: PatchGitSource): object {
  return {
    ...(token !== undefined && { token_replaced: true }),
    ...(webhookSecret !== undefined && { webhook_secret_replaced: true }),
  };
}
