import type { OpenAPIObject } from '@nestjs/swagger';
import { OWN_REGO, type LivedIn } from './lived-in.js';
import type { KnownOperation, KnownValues } from './schemathesis.js';
import type { TestClient } from './test-client.js';

interface Operation {
  parameters?: { in: string; name: string }[];
  responses: Record<string, { content?: Record<string, unknown> }>;
}

/**
 * What each operation is best called with, so that not everything made up ends at a 404.
 * @param document the API's description
 * @param there what there is
 * @returns all but what never ends, a stream, and what nobody can call without a provider's signature
 */
export async function knownOperations(document: OpenAPIObject, there: LivedIn): Promise<KnownOperation[]> {
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(path.startsWith('/api/v1/hooks/') ? {} : (item as Record<string, Operation>))
      .filter(([, { responses }]) => responses['200']?.content?.['text/event-stream'] === undefined)
      .map(([method, { parameters = [] }]) => ({ path, method: method.toUpperCase(), parameters })),
  );
  return Promise.all(
    routes.map(async ({ path, method, parameters }): Promise<KnownOperation> => {
      const queries = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
      const ids = idsOf(path, method, there);
      const known = { ...queryOf(queries, there), ...bodyOf(path, there) };
      if (queries.includes('cursor')) known['query.cursor'] = [await cursorOf(path, ids, there.owner)];
      return { path, method, ids, known, alsoRight: alsoRight(path, method, queries) };
    }),
  );
}

/** What takes away is called with what may go, and never with what the walk itself lives on. */
function idsOf(path: string, method: string, { kept, spare }: LivedIn): KnownOperation['ids'] {
  const ends = method === 'DELETE' || path.endsWith('/archive');
  const resource = path.endsWith('/source') ? 'source' : /\/([\w-]+)\/\{id\}/.exec(path)?.[1];
  const id = resource && ((ends ? spare[resource] : undefined) ?? kept[resource]);
  return {
    ...(id && { 'path.id': id }),
    ...(path.includes('{objectId}') && { 'path.objectId': kept['objects'] ?? '' }),
    ...(path.includes('{key}') && { 'path.key': kept['modules'] ?? '' }),
    ...(path.includes('{version}') && { 'path.version': 1 }),
  };
}

function queryOf(names: string[], { kept, span }: LivedIn): KnownValues {
  const values: KnownValues = {
    'query.at': [span.to],
    'query.from': [span.from],
    'query.to': [span.to],
    'query.sort': ['-opened_at'],
    'query.time_zone': ['Europe/Berlin'],
    'query.cluster_id': [kept['clusters'] ?? ''],
    'query.policy': ['no-latest-tag', kept['policies'] ?? ''],
  };
  return Object.fromEntries(Object.entries(values).filter(([place]) => names.includes(place.slice('query.'.length))));
}

function bodyOf(path: string, { kept, enrollmentToken }: LivedIn): KnownValues {
  if (path.endsWith('/enroll')) return { 'body.token': [enrollmentToken] };
  if (path.endsWith('/api-keys')) return { 'body.expires_at': ['2999-01-01T00:00:00Z'] };
  if (path.includes('/bindings'))
    return { 'body.target_id': [kept['targets'] ?? ''], 'body.policy_set': ['best-practices'] };
  if (path.includes('/triggers')) return { 'body.cron': ['0 3 * * *'], 'body.time_zone': ['Europe/Berlin'] };
  if (/\/policies(?:\/check|\/evaluate|\/\{id\}|\/\{id\}\/versions)?$/.test(path)) return { 'body.rego': [OWN_REGO] };
  return {};
}

/** What the description can't say: which cursors there are, which moments are past or in order, what makes a Kubernetes object. */
function alsoRight(path: string, method: string, queries: string[]): number[] {
  if (path.endsWith('/enroll')) return [401];
  const unsaid = ['cursor', 'at', 'from', 'time_zone'].some((name) => queries.includes(name));
  return unsaid || /\/(?:validate|evaluate)$/.test(path) || (method === 'POST' && path.endsWith('/api-keys'))
    ? [400]
    : [];
}

/** The way to a list's second page. */
async function cursorOf(path: string, ids: KnownOperation['ids'], owner: TestClient): Promise<string> {
  const list = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(ids[`path.${name}`]));
  const { next_cursor: cursor } = (await owner.get(`${list}?limit=1`)).body as { next_cursor?: string | null };
  if (!cursor) throw new Error(`${list} has no second page`);
  return cursor;
}
