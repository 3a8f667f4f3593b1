import { z } from 'zod';
import { AppError, isStorable } from '#kernel';
import { globMatches } from '#kube';

/** A delivery of a provider, as it came. */
export interface HookRequest {
  /** By their names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
}

/** A branch or a tag points somewhere else now. */
export interface PushEvent {
  kind: 'push';
  /** Whole, as in `refs/heads/main`. */
  ref: string;
  /** null: it was deleted. */
  commit: string | null;
  /** null: it is new, or nobody says. */
  before: string | null;
  actor: string | null;
}

/** A pull or merge request was opened, or has other commits now. */
export interface PullRequestEvent {
  kind: 'pull_request';
  number: number;
  /** Its latest commit as the provider calls it: some shorten the name. */
  head: string;
  /** The branch that it is to go into, by its name. */
  baseRef: string;
  /** What it is compared with, where the provider says it. */
  base: string | null;
  /** The ref that has its commits. */
  fetchRef: string;
  /** Where to clone the fork that alone has that ref; null: the repository itself has it. */
  forkUrl: string | null;
  actor: string | null;
}

/** A pull request needs no check any more. */
export interface PullRequestClosed {
  kind: 'pull_request_closed';
  number: number;
}

export type GitEvent = PushEvent | PullRequestEvent | PullRequestClosed;

const NOTHING = /^0+$/;

/** A commit's name, of either hash. */
export const commitSchema = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'the name of a commit');
/** Of deletions and creations: null. */
export const commitOrNothing = commitSchema
  .nullish()
  .transform((name) => (name == null || NOTHING.test(name) ? null : name));
/** The same, or its beginning. */
export const shortCommitSchema = z.string().regex(/^[0-9a-f]{7,64}$/, 'the name of a commit, or its beginning');
/** A ref whole, as far as git itself would take it as a name. */
export const refSchema = z
  .string()
  .max(300)
  .regex(
    /^refs\/(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[!-)+-9;->@-Z\]_-}\u00a1-\uffff]+(?<![./])$/,
    'a ref as in refs/heads/main',
  )
  .refine((ref) => isStorable(ref), 'a ref as in refs/heads/main');
export const branchSchema = z
  .string()
  .max(289)
  .refine((name) => refSchema.safeParse(`refs/heads/${name}`).success, 'the name of a branch');
export const numberSchema = z.int().min(1).max(2_147_483_647);
/** What is only shown: it is cut, and left out where it can't be stored. */
export const actorSchema = z
  .unknown()
  .optional()
  .transform((name) => (typeof name === 'string' && isStorable(name) ? name.slice(0, 200) : null));
/** Somebody else's clone URL. */
export const cloneUrlSchema = z.url({ protocol: /^https?$/ }).max(1_000);

/**
 * Reads the JSON of a delivery, that of a form too: what GitHub and Gitea send where nobody chose.
 * @throws AppError `malformed_json`
 */
export function jsonOf({ headers, body }: HookRequest): unknown {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const sent = body.toString('utf8');
  const text = isForm ? (new URLSearchParams(sent).get('payload') ?? sent) : sent;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('malformed_json', 'The delivery is not JSON.', { cause });
  }
}

/**
 * @returns what the payload says, by its schema
 * @throws AppError `malformed_json`, `invalid_body`
 */
export function payloadOf<Schema extends z.ZodType>(schema: Schema, hook: HookRequest): z.infer<Schema> {
  const parsed = schema.safeParse(jsonOf(hook));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: `/${path.map(String).join('/')}`,
    detail: message,
  }));
  throw new AppError('invalid_body', 'The delivery is not what this provider sends.', { errors: errors.slice(0, 20) });
}

/**
 * Whether a source looks at a ref: of branches those that its globs name, all where it has none; tags only by globs that
 * say so.
 * @param branches of the source
 * @param ref whole
 */
export function looksAt(branches: readonly string[] | null, ref: string): boolean {
  const branch = branchOf(ref);
  if (branch === undefined)
    return branches?.some((glob) => glob.startsWith('refs/') && globMatches(glob, ref)) === true;
  return branches?.some((glob) => globMatches(glob, glob.startsWith('refs/') ? ref : branch)) !== false;
}

/** @returns the branch's name; undefined where the ref is no branch */
export function branchOf(ref: string): string | undefined {
  return /^refs\/heads\/(.+)$/.exec(ref)?.[1];
}

/** How a pull request is called here, whatever its provider calls it. */
export function pullRequestRef(number: number): string {
  return `refs/pull/${number}`;
}
