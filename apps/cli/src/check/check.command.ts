import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { SEVERITIES } from '#kernel';
import { serverKeyKept, serverKey, withKey } from '../server.js';
import { check, fix } from './check.js';
import type { FoundConfig } from './config.js';
import { findConfig } from './config-file.js';
import { FORMATS, withOutput } from './output-formats.js';
import { type CheckFlags, type CheckSettings, settingsOf } from './settings.js';

const EXAMPLES = `
Examples:
  bylaw check deploy 'apps/**/*.yaml'
  helm template shop | bylaw check -
  bylaw check --fix --dry-run deploy
  bylaw check --format github --format sarif=bylaw.sarif --baseline before.json
  bylaw check --set pod-security-baseline --policy policies --fail-on high`;

/** `bylaw check`: violations of manifests, before they are deployed. */
export function checkCommand(): Command {
  const command = new Command('check')
    .argument('[path...]', 'files, folders, globs, or - for standard input (default: the folder)')
    .option('--set <name>', 'built-in policy set, several by repeating; none: own policies alone', collected)
    .option('--policy <dir>', 'folder of own policies, <slug>/policy.rego in each; several by repeating', collected)
    .addOption(new Option('--fail-on <severity>', 'violations from here on fail').choices(SEVERITIES))
    .option('--format <format[=file]>', `${FORMATS.join(', ')}; to a file beside, several by repeating`, withOutput)
    .option('--baseline <file>', 'violations of an earlier JSON result do not count; with a server: cluster, previous')
    .option('--exclude <pattern>', 'left out, as .gitignore writes it; several by repeating', collected)
    .option('--namespace <name>', 'of objects that say none')
    .option('--kubernetes-version <version>', 'that the objects are meant for, as 1.34', version)
    .option('--config <file>', 'settings (default: bylaw.yaml, here or above)')
    .option('--no-config', 'without any bylaw.yaml')
    .option('--no-cache', 'compile own policies anew, and keep nothing of it')
    .option('--no-ignores', 'comments and annotations waive nothing')
    .option('--skip-invalid', 'documents that can’t be read do not fail')
    .option('--allow-empty', 'no object at all does not fail')
    .option('--fix', 'write verified fixes into the files')
    .option('--dry-run', 'with --fix: only show what would change')
    .option('--watch', 'again whenever a file changes')
    .option('--quiet', 'say nothing where nothing is wrong')
    .option('--server <url>', 'a platform that judges, by its bindings (default: $BYLAW_SERVER); local: none')
    .option('--cluster <cluster>', 'id or name of the cluster that the objects are meant for')
    .option('--environment <name>', 'that they are meant for')
    .addOption(
      new Option('--on-unavailable <what>', 'where the server is away').choices(['fail', 'local', 'pass'] as const),
    );
  return withKey(command, 'validate').addHelpText('after', EXAMPLES).action(run);
}

async function run(paths: string[], flags: CheckFlags): Promise<void> {
  const cwd = process.cwd();
  const read = async (): Promise<CheckSettings> =>
    settingsOf(paths, flags, await configFor(flags, cwd), {
      cwd,
      environment: process.env,
      key: (url, fromFile) => (fromFile ? serverKeyKept : serverKey)(flags, url).key,
    });
  if (flags.watch === true) return (await import('./watch.js')).watchAndCheck(read, configFile(flags, cwd));
  const settings = await read();
  if (settings.fix) await fix(settings, flags.dryRun === true);
  else await check(settings);
}

function configFile({ config }: CheckFlags, cwd: string): string | undefined {
  if (config === false) return undefined;
  return typeof config === 'string' ? resolve(cwd, config) : findConfig(cwd);
}

async function configFor(flags: CheckFlags, cwd: string): Promise<FoundConfig | undefined> {
  const file = configFile(flags, cwd);
  if (file === undefined) return undefined;
  const { readConfig } = await import('./config.js');
  return readConfig(file, cwd);
}

function collected(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function version(text: string): string {
  if (/^v?\d+\.\d+(?:\.\d+)?$/.test(text)) return text;
  throw new InvalidArgumentError('A version, as in 1.34 or 1.34.2.');
}
