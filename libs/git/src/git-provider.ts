import type { GitProviderName } from '#contracts';
import type { Severity } from '#kernel';
import type { OutboundHttp } from '#platform';
import type { GitEvent, HookRequest, PullRequestEvent } from './git-event.rules.js';

/** How a check went, as all providers can be told: `error` is on our side. */
export type ReportState = 'pending' | 'success' | 'warning' | 'failure' | 'error';

/** What is said of a commit. */
export interface CommitStatus {
  commit: string;
  /** Whole; of a pull request our own name for it. */
  ref: string;
  /** Apart for pushes and pull requests: both speak of the same commit. */
  context: string;
  state: ReportState;
  /** At most 140 characters. */
  description: string;
  /** Where there is more. */
  link: string;
}

/** A violation at its place in a file. */
export interface Annotation {
  path: string;
  line: number;
  severity: Severity;
  title: string;
  message: string;
  /** The same for the same violation. */
  id: string;
}

/** What a check found. */
export interface CheckReport {
  /** Public ids. */
  checkId: string;
  sourceId: string;
  status: CommitStatus;
  pullRequest: number | null;
  title: string;
  /** Markdown, under 60,000 characters. */
  summary: string;
  /** The most severe first. */
  annotations: readonly Annotation[];
}

/** What was written already, kept so that it is not written twice. */
export interface ReportProgress {
  /** The provider's name for what was made. */
  made?: string;
  /** How many annotations it has. */
  annotations?: number;
}

/** Pull requests that are open. */
export interface OpenPullRequests {
  /** The latest changed first. */
  pulls: PullRequestEvent[];
  /** Whether these are all of them: there is a most that is asked for. */
  whole: boolean;
}

/** One repository's provider, with the source's token. */
export interface ProviderApi {
  /** @returns the commit that two have in common; undefined where the provider does not say */
  mergeBase(base: string, head: string): Promise<string | undefined>;
  /**
   * @returns those that no delivery may have told of
   * @throws ProviderAway, ProviderRefused
   */
  openPullRequests(): Promise<OpenPullRequests>;
  /**
   * Sets a commit's status; again, it replaces it.
   * @throws ProviderAway, ProviderRefused
   */
  setStatus(status: CommitStatus): Promise<void>;
  /**
   * Writes the findings where people review: whatever is there of the same check, or the same pull request, is replaced.
   * @param progress as it was kept
   * @param keep keeps it, after each step
   * @returns how it was told, for people
   * @throws ProviderAway, ProviderRefused
   */
  annotate(
    report: CheckReport,
    progress: ReportProgress,
    keep: (progress: ReportProgress) => Promise<void>,
  ): Promise<string>;
}

/** Where a source's provider is reached. */
export interface ProviderTarget {
  url: string;
  apiUrl: string | null;
  token: string;
  http: OutboundHttp;
}

/** One of the places that repositories lie at. */
export interface GitProvider {
  readonly name: GitProviderName;
  /**
   * @param secret that was agreed on with the provider
   * @param now when it came
   * @returns whether the delivery is the provider's own
   */
  verify(hook: HookRequest, secret: string, now: Date): boolean;
  /** @returns what the provider calls the delivery; a second one of that name is a replay */
  deliveryOf(hook: HookRequest): string | undefined;
  /**
   * @returns what it tells, nothing where it tells nothing for us
   * @throws AppError `malformed_json`, `invalid_body`
   */
  parse(hook: HookRequest): GitEvent[];
  /** @returns user and password that git is to give, by the token */
  login(token: string): { user: string; password: string };
  /** @returns undefined where there is nobody to tell */
  api(target: ProviderTarget): ProviderApi | undefined;
}

/** @returns `owner/name`, without what clone URLs end in */
export function repositoryOf(url: string): string {
  return new URL(url).pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
}

/** @returns user and password of a token that holds both, the given user's otherwise */
export function loginOf(token: string, user: string): { user: string; password: string } {
  const [first, ...rest] = token.split(':');
  return rest.length > 0 ? { user: first ?? '', password: rest.join(':') } : { user, password: token };
}

/** The comment that we find our own comments by. */
export function markerOf(sourceId: string): string {
  return `<!-- bylaw ${sourceId} -->`;
}
