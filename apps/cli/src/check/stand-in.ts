import type { BundleRequest, ValidateEnvelope } from '#contracts';
import { CliError } from '../cli-error.js';
import { KeptBundles } from './kept-bundles.js';
import { type LocalRules, rulesOfBundle } from './local-rules.js';
import { type CheckSettings, isServersBaseline, type ServerSettings } from './settings.js';

type Context = NonNullable<ValidateEnvelope['context']>;

/**
 * Keeps what a platform would judge by, for when it is away. Who can't is told now, not when it is needed.
 * @param settings with a folder to keep it in
 * @param server which platform
 * @param context where what is judged comes from
 */
export async function keepRules(settings: CheckSettings, server: ServerSettings, context: Context): Promise<void> {
  try {
    await bundlesOf(settings, server).renew(placeOf(server, context));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    process.stderr.write(`bylaw: --on-unavailable local: ${error.message}\n`);
  }
}

/**
 * @param settings as of `keepRules`
 * @param server the platform that is away
 * @param context as of `keepRules`
 * @param away how that was found out
 * @returns what it judged by when it was asked last
 * @throws CliError 2 where that was never
 */
export async function keptRules(
  settings: CheckSettings,
  server: ServerSettings,
  context: Context,
  away: string,
): Promise<LocalRules> {
  const kept = await bundlesOf(settings, server).last(placeOf(server, context));
  if (kept === undefined)
    throw new CliError(`${away}, and its rules were never kept here: it has to be there for the first check`, 2);
  process.stderr.write(`bylaw: ${away}: judged here, by its rules of ${kept.bundle.made_at}\n`);
  if (isServersBaseline(settings.baseline))
    process.stderr.write(`bylaw: --baseline ${settings.baseline}: not known here, so that all violations count\n`);
  return rulesOfBundle(kept, settings);
}

function bundlesOf({ cacheFolder = '' }: CheckSettings, server: ServerSettings): KeptBundles {
  return new KeptBundles(cacheFolder, server);
}

function placeOf({ cluster, environment }: ServerSettings, { repository }: Context): BundleRequest {
  return {
    ...(cluster !== undefined && { cluster }),
    ...(environment !== undefined && { environment }),
    ...(repository !== undefined && { repository }),
  };
}
