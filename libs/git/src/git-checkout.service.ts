import { Injectable } from '@nestjs/common';
import { OutboundFailed, OutboundHttp, OutboundRefused } from '#platform';
import type { TakenCheck } from './git-check-ledger.store.js';
import { branchOf } from './git-event.rules.js';
import { isManifestPath, isManifestText, type ManifestText } from './git-manifests.rules.js';
import type { TreeFile } from './git-output.rules.js';
import { GitProblem } from './git-process.js';
import { PROVIDERS } from './git-providers.js';
import type { ProviderApi } from './git-provider.js';
import { FILE_BYTES_MAX, GIT_LIMITS, GitRepository } from './git-repository.js';
import type { GitWay } from './git-settings.rules.js';
import type { GitSource } from './git-source.entity.js';
import { ProviderAway, ProviderRefused } from './provider-client.js';

/** Manifests of one check. */
const FILES_MAX = 20_000;
const MEBIBYTE = 1024 * 1024;

/** A source, with what it is reached by. */
export interface OpenSource {
  source: GitSource;
  token: string | undefined;
  /** Where statuses are written; undefined where nobody can be told. */
  api: ProviderApi | undefined;
}

/** The manifests of a commit, and those of its base. */
export interface CheckedOut {
  commit: string;
  /** The commit that they are compared with; null: all of them are looked at. */
  base: string | null;
  head: ManifestText[];
  before: ManifestText[] | undefined;
  /** That were not read, and why. */
  unread: { path: string; reason: string }[];
}

/** Gets what a check looks at from the repository. */
@Injectable()
export class GitCheckout {
  constructor(private readonly outbound: OutboundHttp) {}

  /**
   * Finds the server of a repository, by the one way to URLs of tenants.
   * @param url of a repository
   * @param login given to that server; none for anybody else's
   * @throws GitProblem
   */
  async wayTo(url: string, login: GitWay['login']): Promise<GitWay> {
    try {
      return { url, place: await this.outbound.locate(new URL(url)), ...(login && { login }) };
    } catch (error) {
      if (error instanceof OutboundRefused) throw new GitProblem('refused', error.message);
      if (error instanceof OutboundFailed) throw new GitProblem('slow', error.message);
      throw error;
    }
  }

  /** @returns the way to a source, with its token */
  async wayToSource({ source, token }: OpenSource): Promise<GitWay> {
    return this.wayTo(source.url, token === undefined ? undefined : PROVIDERS[source.provider].login(token));
  }

  /**
   * @param found told of the commit as soon as it is known
   * @param signal ends it
   * @returns the manifests; undefined where the ref is gone
   * @throws GitProblem
   */
  async checkOut(
    open: OpenSource,
    check: TakenCheck,
    found: (commit: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<CheckedOut | undefined> {
    const way = await this.wayToSource(open);
    const repository = await GitRepository.create(GIT_LIMITS, signal);
    try {
      const { defaultRef, commits } = await repository.heads(way);
      if (branchOf(check.ref) !== undefined && !commits.has(check.ref)) return undefined;
      // A fork is somebody else's: nothing of ours is given to its server.
      const headWay = check.forkUrl === null ? way : await this.wayTo(check.forkUrl, undefined);
      const commit = check.commit ?? (await repository.commitOf(headWay, check.fetchRef));
      if (commit === undefined) return undefined;
      await found(commit);
      await repository.fetch(headWay, commit, check.fetchRef);
      const base = await this.fetchBase(open, check, commit, { repository, way, defaultRef, commits });
      return await read(repository, open.source, commit, base);
    } finally {
      await repository.remove();
    }
  }

  /** @returns the commit to compare with, fetched; null where there is none, or it is gone */
  private async fetchBase(
    { api }: OpenSource,
    check: TakenCheck,
    commit: string,
    at: { repository: GitRepository; way: GitWay; defaultRef: string | undefined; commits: Map<string, string> },
  ): Promise<string | null> {
    if (check.everything) return null;
    const { repository, way, defaultRef, commits } = at;
    const into = check.baseRef === null ? defaultRef : `refs/heads/${check.baseRef}`;
    const isDefault = check.pullRequest === null && check.ref === defaultRef;
    // Of the default branch, what was there before the push; of all others, where they left the branch they go into.
    const tip = isDefault ? check.base : ((into === undefined ? undefined : commits.get(into)) ?? null);
    const said = check.pullRequest === null ? null : check.base;
    const base = said ?? (tip === null || isDefault ? tip : ((await mergeBase(api, tip, commit)) ?? tip));
    if (base === null || base === commit) return null;
    try {
      await repository.fetch(way, base, base === tip ? into : undefined);
      return base;
    } catch (error) {
      // After a forced push what was there may be nowhere any more: then all of it is looked at.
      if (error instanceof GitProblem && error.kind === 'gone') return null;
      throw error;
    }
  }
}

/** A provider that does not say it leaves us with the branch itself. */
async function mergeBase(api: ProviderApi | undefined, base: string, head: string): Promise<string | undefined> {
  try {
    return await api?.mergeBase(base, head);
  } catch (error) {
    if (error instanceof ProviderAway || error instanceof ProviderRefused) return undefined;
    throw error;
  }
}

async function read(
  repository: GitRepository,
  source: GitSource,
  commit: string,
  base: string | null,
): Promise<CheckedOut> {
  const unread: CheckedOut['unread'] = [];
  const looked = (files: readonly TreeFile[]): TreeFile[] => files.filter((file) => isManifestPath(file, source.paths));
  if (base === null) {
    const head = await readTexts(repository, looked(await repository.files(commit)), unread);
    return { commit, base, head, before: undefined, unread };
  }
  const changed = await repository.changes(base, commit);
  const head = await readTexts(repository, looked(changed.head), unread);
  return { commit, base, head, before: await readTexts(repository, looked(changed.base), []), unread };
}

async function readTexts(
  repository: GitRepository,
  files: readonly TreeFile[],
  unread: CheckedOut['unread'],
): Promise<ManifestText[]> {
  if (files.length === 0) return [];
  if (files.length > FILES_MAX)
    throw new GitProblem(
      'large',
      `There are ${files.length} manifests to look at, at most ${FILES_MAX} are: name fewer paths.`,
    );
  const sizes = await repository.sizes([...new Set(files.map(({ blob }) => blob))]);
  const small = files.filter(({ path, blob }) => {
    const size = sizes.get(blob);
    if (size !== undefined && size <= FILE_BYTES_MAX) return true;
    unread.push({ path, reason: `It is larger than ${FILE_BYTES_MAX / MEBIBYTE} MiB.` });
    return false;
  });
  const blobs = [...new Set(small.map(({ blob }) => blob))];
  const bytes = blobs.reduce((sum, blob) => sum + (sizes.get(blob) ?? 0), 0);
  if (bytes > GIT_LIMITS.contentBytes / 2)
    throw new GitProblem(
      'large',
      `The manifests to look at are ${Math.ceil(bytes / MEBIBYTE)} MiB, at most ${GIT_LIMITS.contentBytes / 2 / MEBIBYTE} are read: name fewer paths.`,
    );
  const contents = await repository.contents(blobs);
  return small.flatMap(({ path, blob }) => {
    const content = contents.get(blob)?.toString('utf8') ?? '';
    return isManifestText(content) ? [{ path, content }] : [];
  });
}
