import type { Finding } from './finding.js';
import type { Surroundings } from './surroundings.js';

/** A shorter one would blot out words. */
const SHORTEST = 8;
const INSTEAD = '…';

/**
 * What others say, servers above all, is shown as they say it: none of our secrets in it.
 * @param findings as they were made
 * @param surroundings with the secrets
 */
export function withoutSecrets<Found extends Finding>(findings: readonly Found[], surroundings: Surroundings): Found[] {
  const secrets = secretsOf(surroundings);
  const clean = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, INSTEAD), text);
  return findings.map((finding) => ({
    ...finding,
    found: clean(finding.found),
    ...(finding.advice !== undefined && { advice: clean(finding.advice) }),
  }));
}

function secretsOf({ environment, database, apiUrl }: Surroundings): string[] {
  const urls = [
    ...Object.values(environment),
    ...('missing' in database ? [] : [...Object.values(database.logins), database.makerUrl]),
    apiUrl,
  ];
  const given = ['BYLAW_SECRET_KEY', 'BYLAW_INIT_API_KEY', 'BYLAW_API_KEY', 'BYLAW_TOKEN'].map(
    (name) => environment[name] ?? '',
  );
  const all = [...urls.flatMap((url) => passwordsOf(url ?? '')), ...given];
  return [...new Set(all)].filter((secret) => secret.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

/** As it stands in the URL, and as it is meant. */
function passwordsOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { password } = new URL(text);
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
