import { createHmac } from 'node:crypto';
import type { GitProviderName } from '#contracts';
import type { FakeProvider, SeenStatus } from './fake-provider.js';
import { SECRET } from './git-world.js';

export const TOKEN = 'token-of-the-source';

/** A delivery that is to be sent. */
export interface Delivery {
  headers: Record<string, string>;
  body: string;
}

/** A push, whatever provider tells of it. */
export interface TestPush {
  branch: string;
  before: string | null;
  after: string | null;
}

/** A pull request, whatever provider tells of it. */
export interface TestPull {
  number: number;
  head: string;
  headBranch: string;
  base: string;
  baseBranch: string;
  /** Clone URL of the repository that its commits come from. */
  from: string;
  /** Clone URL of the repository that it is to go into. */
  into: string;
  action: 'opened' | 'closed' | 'retitled';
}

/** What the contract suite has to know of one provider. */
export interface ProviderDriver {
  name: Exclude<GitProviderName, 'git'>;
  /** Where a repository keeps the commits of a pull request. */
  pullRef(pull: Pick<TestPull, 'number' | 'headBranch'>): string;
  push(push: TestPush): Delivery;
  pull(pull: TestPull): Delivery;
  /** Something that is no push. */
  star(): Delivery;
  /** @returns as it is sent, signed with the secret */
  sign(delivery: Delivery, secret: string): Delivery;
  fake(): ProviderFake;
  /** How the provider writes what we say. */
  states: Record<'pending' | 'success' | 'warning' | 'failure' | 'error', string>;
}

/** An API on loopback, and what is in it. */
export interface ProviderFake {
  api: FakeProvider;
  /** Every status that was set of a commit, in order. */
  statuses(commit: string): SeenStatus[];
  /** What people see of findings at a commit, and at a pull request. */
  findings(commit: string, pull: number): string[];
  /** Whether something beside its statuses says that a commit passes. */
  passes(commit: string): boolean;
  /** Whether a commit has findings outside of pull requests. */
  findsInPushes: boolean;
  /** Pull requests that are open, the latest changed first. */
  open: TestPull[];
  /** What two commits have in common, as the provider says it. */
  mergeBases: Map<string, string>;
}

/** @returns the HMAC-SHA-256 of a body, in hex */
export function hmacOf(body: string, secret = SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

let deliveries = 0;
/** @returns another name each time */
export function deliveryName(): string {
  return `00000000-0000-4000-8000-${String(++deliveries).padStart(12, '0')}`;
}

export const ZEROS = '0'.repeat(40);

/** @returns `owner/name` of a clone URL */
export function nameOf(url: string): string {
  return new URL(url).pathname.slice(1).replace(/\.git$/, '');
}
