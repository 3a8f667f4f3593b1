import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { z } from 'zod';
import { exportAuditLogQuery, exportComplianceQuery, exportViolationsQuery } from '#contracts';
import { CliError } from './cli-error.js';
import { download } from './download.js';

interface ExportFlags {
  server: string;
  keyFile?: string;
  format: string;
  out?: string;
  [filter: string]: string | boolean | undefined;
}

/** Given or not, without a value. */
const SWITCHES = ['bom', 'history'];

/** `bylaw export`: violations, the timeline of compliance or the audit log, to a file or to standard output. */
export function exportCommand(): Command {
  return new Command('export')
    .description('export violations, the timeline of compliance or the audit log')
    .addCommand(
      anExport('violations', 'violations, by the filters of their list', exportViolationsQuery, [
        'jsonl',
        'csv',
        'json',
      ]),
    )
    .addCommand(
      anExport('compliance', 'how compliance moved; JSON has gaps and markers beside it', exportComplianceQuery, [
        'csv',
        'json',
      ]),
    )
    .addCommand(
      anExport('audit-log', 'the audit log; as JSON lines and whole, `bylaw verify` checks it', exportAuditLogQuery, [
        'jsonl',
        'csv',
      ]),
    );
}

/**
 * The filters are options: `cluster_id` is `--cluster-id`. The platform says what they take.
 * @param formats the first, unless another is asked for
 */
function anExport(name: string, description: string, query: z.ZodObject, formats: string[]): Command {
  const command = new Command(name)
    .description(description)
    .option('--server <url>', 'the platform', 'http://localhost:3000')
    .option('--key-file <file>', 'file with an API key of the scope `export` (default: $BYLAW_API_KEY)')
    .addOption(new Option('--format <format>').choices(formats).default(formats[0]))
    .option('--out <file>', 'written whole or not at all (default: standard output)');
  for (const [filter, schema] of Object.entries(query.shape)) {
    const flag = `--${filter.replaceAll('_', '-')}${SWITCHES.includes(filter) ? '' : ' <value>'}`;
    command.option(flag, (schema as z.ZodType).description ?? '');
  }
  return command.action((flags: ExportFlags) => run(name, flags, Object.keys(query.shape)));
}

async function run(name: string, flags: ExportFlags, filters: readonly string[]): Promise<void> {
  if (!URL.canParse(flags.server) || !/^https?:$/.test(new URL(flags.server).protocol))
    throw new CliError(`--server ${flags.server}: not a URL, as in http://localhost:3000`, 2);
  const url = new URL(`${flags.server.replace(/\/+$/, '')}/api/v1/exports/${name}.${flags.format}`);
  for (const filter of filters) {
    const value = flags[filter.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase())];
    if (value !== undefined) url.searchParams.set(filter, String(value));
  }
  await download(url, readKey(flags.keyFile), flags.out);
}

function readKey(file: string | undefined): string {
  const key = file === undefined ? process.env['BYLAW_API_KEY'] : readKeyFile(file);
  if (key === undefined || key.trim() === '')
    throw new CliError('an API key is needed: name its file by --key-file, or set BYLAW_API_KEY', 2);
  // What no header can carry is no key, and would be shown by the error.
  if (!/^[\x21-\x7e]+$/.test(key.trim()))
    throw new CliError('that is no API key: it is one word, as in bylaw_key_…', 2);
  return key.trim();
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`--key-file ${file}: ${(error as Error).message}`, 2);
  }
}
