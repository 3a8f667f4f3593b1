import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns where what can be made again is kept, by the XDG base directory specification */
export function cacheFolder(environment: Environment): string {
  const named = environment['BYLAW_CACHE_DIR'];
  if (named !== undefined && named !== '') return named;
  return join(baseFolder(environment['XDG_CACHE_HOME'], '.cache'), 'bylaw');
}

/** @returns where what somebody entered is kept, by the same specification */
export function configFolder(environment: Environment): string {
  return join(baseFolder(environment['XDG_CONFIG_HOME'], '.config'), 'bylaw');
}

/** A path that is not absolute is to be taken for none (ibid.). */
function baseFolder(named: string | undefined, fallback: string): string {
  return named !== undefined && isAbsolute(named) ? named : join(homedir(), fallback);
}
