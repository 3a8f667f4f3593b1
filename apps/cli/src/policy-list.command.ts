import { Command } from 'commander';
import type { PolicyDetail, PolicySummary } from '#contracts';
import { PlatformApi } from './platform-api.js';
import { type ServerFlags, serverOf, withServer } from './server.js';

interface ListFlags extends ServerFlags {
  json?: boolean;
  origin?: string;
  category?: string;
  severity?: string;
}

/** `bylaw policy list`: the organization's policies, built-in ones too. */
export function listCommand(): Command {
  return withServer(new Command('list'), 'read')
    .description('the policies of the platform')
    .option('--origin <origin>', 'builtin, custom or imported')
    .option('--category <category>')
    .option('--severity <severity>')
    .option('--json', 'for programs')
    .action(list);
}

/** `bylaw policy show`: one policy, with what to do about what it finds. */
export function showCommand(): Command {
  return withServer(new Command('show'), 'read')
    .argument('<slug>', 'slug or id')
    .description('one policy')
    .option('--json', 'for programs')
    .action(show);
}

async function list(flags: ListFlags): Promise<void> {
  const filters = { origin: flags.origin, category: flags.category, severity: flags.severity };
  const given = Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const policies = await new PlatformApi(serverOf(flags)).all<PolicySummary>(
    '/policies',
    Object.fromEntries(given) as Record<string, string>,
  );
  if (flags.json === true) return write(policies);
  const rows = policies.map(({ slug, severity, origin, status, title }) => [slug, severity, origin, status, title]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows)
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}

async function show(slug: string, flags: ListFlags): Promise<void> {
  const policy = await new PlatformApi(serverOf(flags)).get<PolicyDetail>(`/policies/${encodeURIComponent(slug)}`);
  if (flags.json === true) return write(policy);
  const { title, severity, category, origin, status, version, kinds, description, remediation, source } = policy;
  const facts = [
    severity,
    category,
    origin,
    `${status}, version ${version}`,
    ...(source === null ? [] : [`kept in ${source}`]),
  ];
  const text = [`${policy.slug}: ${title}`, facts.join(' · '), kinds.join(', '), '', description, '', remediation];
  process.stdout.write(`${text.join('\n').trimEnd()}\n`);
}

function write(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
