import { canonicalJson } from '#kernel';
import type { PolicyCase, PolicyDetail, PolicyVersionDetail } from '#contracts';

/** A policy as its folder has it. */
export interface LocalPolicy {
  slug: string;
  rego: string;
  tests: string | undefined;
  cases: PolicyCase[];
}

/** The same policy as the platform has it, in its latest version. */
export interface RemotePolicy {
  detail: PolicyDetail;
  latest: PolicyVersionDetail;
}

/**
 * `blocked`: it is kept elsewhere, or was made on the platform; `retire`: it is not in the folder any more.
 */
export type PushAction = 'create' | 'update' | 'publish' | 'unchanged' | 'retire' | 'blocked';

export interface PushStep {
  action: PushAction;
  slug: string;
  /** What stands in the way, or what changes. */
  why: string;
  local?: LocalPolicy;
  remote?: PolicyDetail;
}

export interface PushWish {
  /** Where the folder's policies are kept. */
  source: string;
  /** Policies that were made on the platform are taken over. */
  adopt: boolean;
  /** What is not in the folder any more is deprecated. */
  prune: boolean;
  /** New versions are saved, and act only when somebody publishes them. */
  draft: boolean;
}

/**
 * What has to be done so that the platform has what the folder has; doing it once more changes nothing.
 * @param locals the folder's policies
 * @param remotes the organization's own policies by slug
 */
export function planPush(
  locals: readonly LocalPolicy[],
  remotes: ReadonlyMap<string, RemotePolicy>,
  wish: PushWish,
): PushStep[] {
  const steps = locals.map((local) => stepFor(local, remotes.get(local.slug), wish));
  const here = new Set(locals.map(({ slug }) => slug));
  const gone = [...remotes.values()].filter(
    ({ detail }) => detail.source === wish.source && !here.has(detail.slug) && isAlive(detail),
  );
  const retired = gone.map(({ detail }): PushStep => {
    const { slug } = detail;
    return wish.prune
      ? { action: 'retire', slug, why: 'it is not in the folder any more', remote: detail }
      : { action: 'unchanged', slug, why: 'it is not in the folder any more: --prune deprecates it', remote: detail };
  });
  return [...steps, ...retired].sort((a, b) => (a.slug < b.slug ? -1 : 1));
}

function stepFor(local: LocalPolicy, remote: RemotePolicy | undefined, wish: PushWish): PushStep {
  const { slug } = local;
  if (remote === undefined) return { action: 'create', slug, why: 'new', local };
  const { detail, latest } = remote;
  const step = { slug, local, remote: detail };
  if (detail.source === null && !wish.adopt)
    return { ...step, action: 'blocked', why: 'it was made on the platform: --adopt takes it over' };
  if (detail.source !== null && detail.source !== wish.source)
    return { ...step, action: 'blocked', why: `it is kept in ${detail.source}` };
  if (detail.status === 'archived') return { ...step, action: 'blocked', why: 'it is archived, for good' };
  const changes = changesOf(local, latest);
  if (changes.length > 0)
    return { ...step, action: 'update', why: `version ${latest.version + 1}: ${changes.join(', ')}` };
  if (detail.source === null) return { ...step, action: 'update', why: 'taken over' };
  const acts = detail.status === 'published' && latest.acting;
  if (!acts && !wish.draft) return { ...step, action: 'publish', why: `version ${latest.version} does not act yet` };
  return { ...step, action: 'unchanged', why: '' };
}

function changesOf({ rego, tests, cases }: LocalPolicy, latest: PolicyVersionDetail): string[] {
  return [
    ...(rego === latest.rego ? [] : ['rego']),
    ...((tests ?? '') === (latest.tests ?? '') ? [] : ['tests']),
    ...(canonicalJson(cases) === canonicalJson(latest.cases) ? [] : ['fixtures']),
  ];
}

function isAlive({ status }: PolicyDetail): boolean {
  return status === 'draft' || status === 'published';
}
