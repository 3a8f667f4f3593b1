import { isAbsolute, join, relative } from 'node:path';
import type { JsonObject, Severity } from '#kernel';
import type { ResultFormat } from '#formats';
import { CliError } from '../cli-error.js';
import { cacheFolder } from '../own-folders.js';
import { checkedUrl, type ServerFlags } from '../server.js';
import type { FoundConfig } from './config.js';

/** Where a result goes. */
export interface Output {
  format: ResultFormat;
  /** Standard output where none is named. */
  file: string | undefined;
}

/** Patterns as .gitignore writes them, and the folder that they start from. */
export interface Exclusion {
  folder: string;
  patterns: string[];
}

export type OnUnavailable = 'fail' | 'local' | 'pass';

/** A platform that judges. */
export interface ServerSettings {
  url: string;
  key: string;
  cluster: string | undefined;
  environment: string | undefined;
  onUnavailable: OnUnavailable;
}

/** What `bylaw check` was told, by options and `bylaw.yaml` together. */
export interface CheckSettings {
  cwd: string;
  paths: string[];
  exclude: Exclusion[];
  /** Slugs; empty for own policies alone. */
  sets: string[];
  policyFolders: string[];
  /** Where compiled policies are kept; undefined: nowhere. */
  cacheFolder: string | undefined;
  parameters: Record<string, JsonObject>;
  failOn: Severity | undefined;
  namespace: string | undefined;
  kubernetesVersion: string | undefined;
  ignores: boolean;
  /** A file, or with a server `cluster` or `previous`. */
  baseline: string | undefined;
  outputs: Output[];
  skipInvalid: boolean;
  allowEmpty: boolean;
  quiet: boolean;
  /** Verified patches are written into the files. */
  fix: boolean;
  server: ServerSettings | undefined;
}

/**
 * Reads the credential for a server.
 * @param fromFile whether `bylaw.yaml` alone named it: whoever may change that file is not to choose where a key of the
 *   environment goes
 */
type KeyReader = (url: string, fromFile: boolean) => string;

/** The options of `bylaw check` as commander gives them. */
export interface CheckFlags extends ServerFlags {
  set?: string[];
  policy?: string[];
  failOn?: Severity;
  format?: Output[];
  baseline?: string;
  exclude?: string[];
  namespace?: string;
  kubernetesVersion?: string;
  config?: string | false;
  ignores: boolean;
  cache: boolean;
  skipInvalid?: boolean;
  allowEmpty?: boolean;
  quiet?: boolean;
  cluster?: string;
  environment?: string;
  onUnavailable?: OnUnavailable;
  fix?: boolean;
  dryRun?: boolean;
  watch?: boolean;
}

const DEFAULT_SET = 'best-practices';
/** Of `--set`: the built-in library is left out. Of `--server`: none, whatever is set elsewhere. */
const NO_SET = 'none';
const NO_SERVER = 'local';

/**
 * Puts options, `bylaw.yaml` and environment together, in this order.
 * @param paths as they were named
 * @param cwd the working folder
 * @param key reads the credential for a server; called only where there is one
 * @throws CliError 2 where they don't go together
 */
export function settingsOf(
  paths: readonly string[],
  flags: CheckFlags,
  found: FoundConfig | undefined,
  { cwd, environment, key }: { cwd: string; environment: NodeJS.ProcessEnv; key: KeyReader },
): CheckSettings {
  const { folder = cwd, config = {} } = found ?? {};
  const fromConfig = (path: string): string => (isAbsolute(path) ? path : relative(cwd, join(folder, path)) || '.');
  const sets = flags.set ?? listOf(config.set) ?? [DEFAULT_SET];
  const configured = listOf(config.paths)?.map(fromConfig) ?? ['.'];
  const settings: CheckSettings = {
    cwd,
    paths: paths.length > 0 ? [...paths] : configured,
    exclude: [
      { folder, patterns: listOf(config.exclude) ?? [] },
      { folder: cwd, patterns: flags.exclude ?? [] },
    ],
    sets: sets.filter((set) => set !== NO_SET),
    policyFolders: flags.policy ?? listOf(config.policies)?.map(fromConfig) ?? [],
    cacheFolder: flags.cache ? cacheFolder(environment) : undefined,
    parameters: (config.parameters ?? {}) as Record<string, JsonObject>,
    failOn: flags.failOn ?? config.fail_on,
    namespace: flags.namespace ?? config.namespace,
    kubernetesVersion: flags.kubernetesVersion ?? config.kubernetes_version,
    ignores: flags.ignores && config.ignores !== false,
    baseline: flags.baseline ?? baselineOf(config.baseline, fromConfig),
    outputs: outputsOf(flags.format ?? []),
    skipInvalid: flags.skipInvalid ?? config.skip_invalid ?? false,
    allowEmpty: flags.allowEmpty ?? config.allow_empty ?? false,
    quiet: flags.quiet === true,
    fix: flags.fix === true,
    server: undefined,
  };
  settings.server = serverOf(flags, config, environment, key);
  refuseContradictions(settings, flags);
  return settings;
}

function serverOf(
  flags: CheckFlags,
  config: FoundConfig['config'],
  environment: NodeJS.ProcessEnv,
  key: KeyReader,
): ServerSettings | undefined {
  const said = flags.server ?? environment['BYLAW_SERVER'];
  const named = said ?? config.server;
  if (named === undefined || named === '' || named === NO_SERVER) return undefined;
  const url = checkedUrl(named);
  return {
    url,
    key: key(url, said === undefined),
    cluster: flags.cluster ?? config.cluster,
    environment: flags.environment ?? config.environment,
    onUnavailable: flags.onUnavailable ?? config.on_unavailable ?? 'fail',
  };
}

/** @returns whether a baseline is the platform's to know */
export function isServersBaseline(baseline: string | undefined): baseline is 'cluster' | 'previous' {
  return baseline === 'cluster' || baseline === 'previous';
}

function refuseContradictions({ server, sets, policyFolders, baseline }: CheckSettings, flags: CheckFlags): void {
  if (flags.watch === true && flags.fix === true) throw new CliError('--watch and --fix do not go together', 2);
  if (flags.dryRun === true && flags.fix !== true) throw new CliError('--dry-run goes with --fix', 2);
  if (server === undefined) {
    if (sets.length === 0 && policyFolders.length === 0)
      throw new CliError('--set none leaves nothing to judge by: name a folder of policies by --policy', 2);
    if (isServersBaseline(baseline))
      throw new CliError(`--baseline ${baseline} is for a --server; without one it is a file`, 2);
    return;
  }
  if (flags.set !== undefined || flags.policy !== undefined)
    throw new CliError('--set and --policy are for judging here; with a --server its bindings judge', 2);
  if (server.onUnavailable === 'local' && !flags.cache)
    throw new CliError('--on-unavailable local keeps the server’s rules in the cache: leave --no-cache away', 2);
  if (flags.fix === true)
    throw new CliError('--fix judges here, again and again: leave --server away (--server local)', 2);
}

function listOf(value: string | readonly string[] | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? [value] : [...value];
}

function baselineOf(baseline: string | undefined, fromConfig: (path: string) => string): string | undefined {
  return baseline === undefined || isServersBaseline(baseline) ? baseline : fromConfig(baseline);
}

/** One goes to standard output: what was named for it, else what people read. */
function outputsOf(given: readonly Output[]): Output[] {
  const shown = given.filter(({ file }) => file === undefined);
  if (shown.length > 1)
    throw new CliError('two formats for standard output: write one to a file, as in --format sarif=out.sarif', 2);
  return shown.length === 1 ? [...given] : [{ format: 'text', file: undefined }, ...given];
}
