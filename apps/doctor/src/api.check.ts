import { healthSchema } from '#contracts';
import { VERSION } from '#kernel';
import { placeOf, reasonOf, UnreachableError } from '#platform';
import { failed, ok, skipped, warning, type Finding } from './finding.js';
import type { Surroundings } from './surroundings.js';

/** Whether the API answers, is ready, and is of this version. */
export async function checkApi({ apiUrl, apiUrlGiven, stepMs }: Surroundings): Promise<Finding[]> {
  if (apiUrl === undefined) return [skipped('address', 'PORT is 0, and neither --url nor BYLAW_PUBLIC_URL says where')];
  const place = placeOf(apiUrl);
  let alive: Response;
  try {
    alive = await askApi(apiUrl, '/healthz', stepMs);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const advice = 'Start it, or say by --url where it is.';
    const judge = apiUrlGiven ? failed : warning;
    return [judge('healthz', `no answer from ${error.message}`, advice)];
  }
  if (!healthSchema.safeParse(await alive.json().catch(() => undefined)).success) {
    const advice =
      'Say by --url, or in BYLAW_PUBLIC_URL, where the API is; a proxy before it has to pass every path on.';
    return [failed('healthz', `${place} answers ${alive.status}, and is not Bylaw`, advice)];
  }
  return [
    ok('healthz', `${place} answers`),
    await lookAtReadiness(apiUrl, stepMs),
    await lookAtVersion(apiUrl, stepMs),
  ];
}

/**
 * @param url of the API, without a slash at its end
 * @param path of a route that needs no key
 * @param limitMs for the whole answer, milliseconds
 * @throws UnreachableError where nobody answers
 */
export async function askApi(url: string, path: string, limitMs: number): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(limitMs) });
  } catch (cause) {
    throw new UnreachableError(`${placeOf(url)}: ${reasonOf(cause)}`, { cause });
  }
}

async function lookAtReadiness(url: string, limitMs: number): Promise<Finding> {
  const answer = await askApi(url, '/readyz', limitMs);
  if (answer.ok) return ok('readyz', 'ready');
  const { detail } = (await answer.json().catch(() => ({}))) as { detail?: string };
  return failed(
    'readyz',
    `${answer.status}: ${detail ?? 'no reason was given'}`,
    'Its log says more; where the database is the reason, see logins.',
  );
}

async function lookAtVersion(url: string, limitMs: number): Promise<Finding> {
  const answer = await askApi(url, '/openapi.json', limitMs);
  const { info } = (await answer.json().catch(() => ({}))) as { info?: { version?: string } };
  const version = info?.version;
  if (version === VERSION) return ok('version', VERSION);
  return warning(
    'version',
    `the API is ${version ?? 'of a version that it does not tell'}, this command ${VERSION}`,
    'Run the command of the same version: what it expects of the database may be another.',
  );
}
