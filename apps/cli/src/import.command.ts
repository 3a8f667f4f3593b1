import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, posix, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import Table from 'cli-table3';
import pc from 'picocolors';
import type { ImportAnswer, ImportedDocument } from '#contracts';
import { CliError } from './cli-error.js';
import { PlatformApi } from './platform-api.js';
import { type ServerFlags, serverOf, withServer } from './server.js';

interface ImportFlags extends ServerFlags {
  plan?: boolean;
  json?: boolean;
}

const IMPORTED = /\.(?:ya?ml|json|rego|zip)$/i;
const FROM_INPUT = '-';

/** `bylaw import`: policies of Gatekeeper, Weave and conftest. */
export function importCommand(): Command {
  return withServer(new Command('import'), 'admin')
    .argument('<file...>', 'files, folders, zip archives, or - for standard input')
    .option('--plan', 'only say what would be done')
    .option('--json', 'for programs')
    .action(importAll);
}

async function importAll(given: string[], flags: ImportFlags): Promise<void> {
  const api = new PlatformApi(serverOf(flags));
  const form = new FormData();
  for (const { path, content } of await filesOf(given)) form.append('files', new Blob([content]), path);
  const answer = await api.upload<ImportAnswer>(`/policies/import?dry_run=${flags.plan === true}`, form);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  else print(answer);
  // What failed was wanted, and is not there.
  if (answer.summary.failed > 0) throw new CliError('', 1);
}

async function filesOf(given: readonly string[]): Promise<{ path: string; content: Uint8Array<ArrayBuffer> }[]> {
  const files: { path: string; content: Uint8Array<ArrayBuffer> }[] = [];
  for (const name of given) {
    if (name === FROM_INPUT) {
      files.push({ path: 'standard-input.yaml', content: new Uint8Array(await buffer(process.stdin)) });
      continue;
    }
    if (!existsSync(name)) throw new CliError(`${name}: there is no such file or folder`, 2);
    const found = (await stat(name)).isDirectory() ? await within(name) : [{ file: name, path: basename(name) }];
    for (const { file, path } of found) files.push({ path, content: new Uint8Array(await readFile(file)) });
  }
  if (files.length === 0) throw new CliError('there is nothing to import: no .yaml, .json, .rego or .zip', 2);
  return files;
}

/** Named from the folder on, so that the same folder elsewhere is the same import. */
async function within(folder: string): Promise<{ file: string; path: string }[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => IMPORTED.test(name)).sort();
  return names.map((name) => ({ file: join(folder, name), path: name.split(sep).join(posix.sep) }));
}

function print({ documents, summary, dry_run: dryRun }: ImportAnswer): void {
  const table = new Table({
    head: ['document', 'kind', 'name', 'result', 'policy', 'what to know'],
    colWidths: [null, null, null, null, null, 60],
    wordWrap: true,
    style: pc.isColorSupported ? { head: ['bold'], border: ['dim'] } : { head: [], border: [] },
  });
  for (const document of documents) table.push(rowOf(document));
  process.stdout.write(`${table.toString()}\n`);
  const { imported, changed, skipped, failed } = summary;
  const done = dryRun ? 'would be imported' : 'imported';
  process.stdout.write(
    `${imported} ${done}, ${changed} of them new or changed; ${skipped} skipped, ${failed} failed\n`,
  );
}

function rowOf({ index, path, kind, name, result, reason, policy, changed, notes }: ImportedDocument): string[] {
  const version = policy === undefined ? '' : `${policy.slug}, version ${policy.version}`;
  const as = changed === false ? 'as it was' : result;
  const place = path === undefined ? String(index) : `${index} ${path}`;
  return [place, kind ?? '', name ?? '', as, version, [reason ?? [], ...notes].flat().join('; ')];
}
