import { Command, Option } from 'commander';
import type { z } from 'zod';
import { exportAuditLogQuery, exportComplianceQuery, exportViolationsQuery } from '#contracts';
import { download } from './download.js';
import { type ServerFlags, serverOf, withServer } from './server.js';

interface ExportFlags extends ServerFlags {
  format: string;
  out?: string;
  [filter: string]: string | boolean | undefined;
}

/** Given or not, without a value. */
const SWITCHES = ['bom', 'history'];

/** `bylaw export`: violations, the timeline of compliance or the audit log, to a file or to standard output. */
export function exportCommand(): Command {
  return new Command('export')
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
  const command = withServer(new Command(name), 'export')
    .description(description)
    .addOption(new Option('--format <format>').choices(formats).default(formats[0]))
    .option('--out <file>', 'written whole or not at all (default: standard output)');
  for (const [filter, schema] of Object.entries(query.shape)) {
    const flag = `--${filter.replaceAll('_', '-')}${SWITCHES.includes(filter) ? '' : ' <value>'}`;
    command.option(flag, (schema as z.ZodType).description ?? '');
  }
  return command.action((flags: ExportFlags) => run(name, flags, Object.keys(query.shape)));
}

async function run(name: string, flags: ExportFlags, filters: readonly string[]): Promise<void> {
  const server = serverOf(flags);
  const url = new URL(`${server.url}/api/v1/exports/${name}.${flags.format}`);
  for (const filter of filters) {
    const value = flags[filter.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase())];
    if (value !== undefined) url.searchParams.set(filter, String(value));
  }
  await download(url, server.key, flags.out);
}
