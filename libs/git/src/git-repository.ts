import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitEnvironment, type GitWay } from './git-settings.rules.js';
import {
  parseChanges,
  parseContents,
  parseHeads,
  parseSizes,
  parseTree,
  type Changed,
  type RemoteHeads,
  type TreeFile,
} from './git-output.rules.js';
import { GitFailed, GitProblem, runGit, type GitCall } from './git-process.js';

const FOLDER_PREFIX = 'bylaw-git-';
/** What lies there longer was left by a process that was killed. */
const LEFT_OVER_MS = 3_600_000;
const MEBIBYTE = 1024 * 1024;
/** The oldest version that can be told where a server is. */
const OLDEST = [2, 37] as const;
/** The most of a file that is asked for. */
export const FILE_BYTES_MAX = MEBIBYTE;

/** What one call may take. */
export interface GitLimits {
  /** Milliseconds of one call. */
  callMs: number;
  /** Bytes of all that is fetched in one call. */
  fetchBytes: number;
  /** Bytes of all files that are read. */
  contentBytes: number;
}

export const GIT_LIMITS: GitLimits = { callMs: 120_000, fetchBytes: 256 * MEBIBYTE, contentBytes: 64 * MEBIBYTE };
const LISTING_BYTES = 32 * MEBIBYTE;

/** A repository of one commit or two, without files: read by git alone, so that nothing in it is followed or run. */
export class GitRepository {
  /** Whether git was found to be one that does: asked once in a process. */
  private static isRecent = false;

  private constructor(
    private readonly folder: string,
    private readonly limits: GitLimits,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Makes an empty one.
   * @param signal ends whatever is called
   * @throws GitProblem where there is no git, or an old one
   */
  static async create(limits: GitLimits, signal?: AbortSignal): Promise<GitRepository> {
    await removeLeftOvers();
    const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
    const repository = new GitRepository(folder, limits, signal);
    try {
      await repository.requireVersion();
      return repository;
    } catch (error) {
      await repository.remove();
      throw error;
    }
  }

  /** @returns what the server's branches point at, and which is the default one */
  async heads(way: GitWay): Promise<RemoteHeads> {
    return parseHeads(await this.remote(['ls-remote', '--symref', '--', way.url, 'HEAD', 'refs/heads/*'], way));
  }

  /** @returns the commit that a ref points at; undefined where there is none */
  async commitOf(way: GitWay, ref: string): Promise<string | undefined> {
    const { commits } = parseHeads(await this.remote(['ls-remote', '--', way.url, ref, `${ref}^{}`], way));
    // Of an annotated tag, the commit that it stands for.
    return commits.get(`${ref}^{}`) ?? commits.get(ref);
  }

  /**
   * Fetches one commit and what its tree holds, without history and without large files.
   * @param ref asked for where the server gives no commit by its name alone
   * @throws GitProblem `gone` where the server does not have it
   */
  async fetch(way: GitWay, commit: string, ref: string | undefined): Promise<void> {
    await this.initialise(commit);
    try {
      await this.fetchOne(way, commit);
    } catch (error) {
      if (!(error instanceof GitProblem) || error.kind !== 'gone' || ref === undefined) throw error;
      await this.fetchOne(way, ref);
    }
    // What was left out must not be asked for when it is read.
    await this.initialise(commit);
    if (!(await this.has(commit))) throw new GitProblem('gone', `The commit ${commit} is not there any more.`);
  }

  /** @returns whether an object is here */
  async has(name: string): Promise<boolean> {
    const sizes = await this.sizes([name]);
    return sizes.has(name);
  }

  /** @returns every file of a commit; links and submodules are none */
  async files(commit: string): Promise<TreeFile[]> {
    return parseTree(await this.local(['ls-tree', '-r', '-z', '--full-tree', commit], LISTING_BYTES));
  }

  /** @returns what differs between two commits by content: what was only moved does not */
  async changes(base: string, head: string): Promise<Changed> {
    const args = ['diff-tree', '-r', '-z', '-M100%', '--no-commit-id', '--raw', '--no-abbrev', base, head];
    return parseChanges(await this.local(args, LISTING_BYTES));
  }

  /** @returns sizes of objects by name; those that are not here are missing */
  async sizes(names: readonly string[]): Promise<Map<string, number>> {
    const args = ['cat-file', '--batch-check=%(objectname) %(objectsize)'];
    return parseSizes(await this.local(args, LISTING_BYTES, `${names.join('\n')}\n`));
  }

  /**
   * @param names of blobs that are here
   * @returns their content by name
   */
  async contents(names: readonly string[]): Promise<Map<string, Buffer>> {
    if (names.length === 0) return new Map();
    return parseContents(await this.local(['cat-file', '--batch'], this.limits.contentBytes, `${names.join('\n')}\n`));
  }

  /** Takes it away. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  private async requireVersion(): Promise<void> {
    if (GitRepository.isRecent) return;
    const text = (await this.local(['--version'], LISTING_BYTES)).toString('utf8');
    const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(text) ?? [];
    const [oldestMajor, oldestMinor] = OLDEST;
    GitRepository.isRecent =
      Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
    if (GitRepository.isRecent) return;
    throw new GitProblem('missing', `Git is ${major}.${minor} where Bylaw’s worker runs: install 2.37 or newer.`);
  }

  /** Writes the whole configuration: whatever a call has added to it is gone. */
  private async initialise(commit: string): Promise<void> {
    const long = commit.length > 40;
    await this.local(['init', '--quiet', '--bare', `--object-format=${long ? 'sha256' : 'sha1'}`, '.'], LISTING_BYTES);
    const format = long
      ? 'repositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256'
      : 'repositoryformatversion = 0\n\tbare = true';
    await writeFile(join(this.folder, 'config'), `[core]\n\t${format}\n`);
  }

  private async fetchOne(way: GitWay, what: string): Promise<void> {
    const options = ['--quiet', '--no-tags', '--depth=1', '--no-write-fetch-head', '--no-recurse-submodules'];
    const filter = `--filter=blob:limit=${FILE_BYTES_MAX + 1}`;
    await this.remote(['fetch', ...options, filter, '--no-auto-maintenance', '--', way.url, what], way);
  }

  private async remote(args: readonly string[], way: GitWay): Promise<Buffer> {
    try {
      return await runGit(args, this.call(gitEnvironment(this.folder, process.env, way), LISTING_BYTES));
    } catch (error) {
      if (error instanceof GitFailed) throw problemOf(error, way, this.limits);
      throw error;
    }
  }

  private async local(args: readonly string[], maxBytes: number, input?: string): Promise<Buffer> {
    const call = this.call(gitEnvironment(this.folder, process.env), maxBytes);
    return runGit(args, input === undefined ? call : { ...call, input });
  }

  private call(env: Record<string, string>, maxBytes: number): GitCall {
    const { callMs: deadlineMs, fetchBytes: maxFileBytes } = this.limits;
    return { cwd: this.folder, env, deadlineMs, maxBytes, maxFileBytes, ...(this.signal && { signal: this.signal }) };
  }
}

const GONE = /not our ref|unadvertised object|couldn't find remote ref|no such ref|did not send all necessary objects/i;
const CLOSED =
  /HTTP (?:401|403)|returned error: (?:401|403)|Authentication failed|could not read (?:Username|Password)/i;
const ABSENT = /repository .*not found|returned error: 404|returned error: 410/i;
const HARMFUL = /fsck error|error in (?:tree|commit|blob|tag)/i;
/** Ended by the kernel, at the limit of a file's size. */
const TOO_LARGE = /died of signal 25|File size limit|File too large/i;

/** Says what went wrong in our words: what git writes holds a server's text. */
function problemOf({ code, said }: GitFailed, { url, login }: GitWay, { fetchBytes }: GitLimits): GitProblem {
  const { host } = new URL(url);
  const who = login === undefined ? 'without a token' : 'with the token';
  if (GONE.test(said)) return new GitProblem('gone', 'What was to be checked is not there any more.');
  if (CLOSED.test(said)) return new GitProblem('refused', `${host} does not let us read the repository ${who}.`);
  if (ABSENT.test(said))
    return new GitProblem('refused', `There is no such repository at ${host}, or it can’t be seen ${who}.`);
  if (/returned error: 30\d|redirect/i.test(said))
    return new GitProblem('refused', `${host} says that the repository has moved: change its url.`);
  if (HARMFUL.test(said))
    return new GitProblem('harmful', 'The repository holds objects that are damaged, or made to do harm.');
  if (code === 153 || TOO_LARGE.test(said))
    return new GitProblem('large', `A commit is larger than ${fetchBytes / MEBIBYTE} MiB.`);
  if (/SSL|certificate/i.test(said))
    return new GitProblem('refused', `The certificate of ${host} is not trusted here.`);
  return new GitProblem('slow', `${host} could not be reached, or did not answer as git does.`);
}

async function removeLeftOvers(): Promise<void> {
  const before = Date.now() - LEFT_OVER_MS;
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < before)
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
