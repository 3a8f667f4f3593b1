import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join, posix, relative, sep } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '#engine';
import { counted } from './check/counted.js';
import { CONFIG_FILE } from './check/config-file.js';
import { readSources } from './check/source-texts.js';
import { findSources } from './check/sources.js';
import { CliError } from './cli-error.js';

interface InitFlags {
  force?: boolean;
}

/** What of a folder a configuration is made of. */
export interface FoundInFolder {
  /** Manifests, from the folder on. */
  manifests: string[];
  /** Folders of Helm charts, and of kustomizations: what is in them has to be rendered first. */
  charts: string[];
  kustomizations: string[];
}

/** Where the schema lies once the package is installed in a project. */
const SCHEMA = 'node_modules/bylaw/schemas/bylaw.schema.json';

/** `bylaw init`: a `bylaw.yaml` for what lies in this folder. */
export function initCommand(): Command {
  return new Command('init').option('--force', 'write over the one that is there').action(init);
}

async function init({ force }: InitFlags): Promise<void> {
  const cwd = process.cwd();
  const file = join(cwd, CONFIG_FILE);
  if (existsSync(file) && force !== true)
    throw new CliError(`${CONFIG_FILE} is there already; --force writes over it`, 2);
  const found = await lookAround(cwd);
  await writeFile(file, configText(found, schemaPath(cwd)));
  for (const line of whatWasFound(found)) process.stdout.write(`${line}\n`);
  process.stdout.write(`Wrote ${CONFIG_FILE}: \`bylaw check\` goes by it\n`);
}

async function lookAround(cwd: string): Promise<FoundInFolder> {
  const sources = await findSources(['.'], { cwd, exclude: [] });
  const charts = foldersOf(
    sources.files.map(({ path }) => path),
    /^Chart\.ya?ml$/,
  );
  const kustomizations = foldersOf(
    sources.files.map(({ path }) => path),
    /^kustomization\.ya?ml$/,
  );
  const { texts } = await readSources(sources);
  const isRendered = (path: string): boolean => charts.some((chart) => chart === '.' || path.startsWith(`${chart}/`));
  const manifests = texts
    .map(({ path }) => path)
    .filter(
      (path) => !isRendered(path) && !/^(?:Chart|kustomization)\.ya?ml$/.test(basename(path)) && path !== CONFIG_FILE,
    );
  return { manifests, charts, kustomizations };
}

function foldersOf(paths: readonly string[], name: RegExp): string[] {
  return paths.filter((path) => name.test(basename(path))).map((path) => posix.dirname(path));
}

/** @returns the text of a configuration that checks what was found */
export function configText({ manifests, charts }: FoundInFolder, schema: string): string {
  const tops = [...new Set(manifests.map((path) => (path.includes('/') ? (path.split('/')[0] ?? '.') : '.')))];
  const paths = tops.length === 0 || tops.includes('.') ? ['.'] : tops.sort();
  const list = (items: readonly string[]): string => items.map((item) => `  - ${JSON.stringify(item)}\n`).join('');
  const excluded = charts.filter((chart) => chart !== '.');
  return [
    `# yaml-language-server: $schema=${schema}\n`,
    '# Settings of `bylaw check`; each has its option, which wins.\n',
    '# What is judged by; `everything` is all there is.\nset: best-practices\n',
    '# Violations from here on fail: info, low, medium, high, critical.\nfail_on: low\n',
    `paths:\n${list(paths)}`,
    excluded.length === 0
      ? ''
      : `# Charts are rendered first: helm template <chart> | bylaw check -\nexclude:\n${list(excluded)}`,
  ].join('');
}

function whatWasFound({ manifests, charts, kustomizations }: FoundInFolder): string[] {
  return [
    `${counted(manifests.length, 'file')} with Kubernetes objects`,
    ...charts.map((folder) => `A Helm chart in ${folder}: helm template ${folder} | bylaw check -`),
    ...kustomizations.map((folder) => `A kustomization in ${folder}: kustomize build ${folder} | bylaw check -`),
  ];
}

/** From the folder on where the package lies in it, so that the file says the same on every machine. */
function schemaPath(cwd: string): string {
  const path = relative(cwd, join(packageRoot(), 'schemas', 'bylaw.schema.json'))
    .split(sep)
    .join('/');
  return path.startsWith('../') ? SCHEMA : path;
}
