import { Command } from 'commander';
import type { PolicyDetail, PolicySummary } from '#contracts';
import { PlatformApi } from './platform-api.js';
import { type ServerFlags, serverOf, withServer } from './server.js';
import { type Column, tableText } from './table.js';
import { writeOut } from './write-out.js';

interface ListFlags extends ServerFlags {
  json?: boolean;
  origin?: string;
  category?: string;
  severity?: string;
}

const COLUMNS: Column<PolicySummary>[] = [
  { name: 'slug', of: ({ slug }) => slug, whole: true },
  { name: 'severity', of: ({ severity }) => severity, whole: true },
  { name: 'origin', of: ({ origin }) => origin, whole: true },
  { name: 'status', of: ({ status }) => status, whole: true },
  { name: 'title', of: ({ title }) => title },
];

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
  await writeOut(tableText(COLUMNS, policies, process.stdout.isTTY === true ? process.stdout.columns : undefined));
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
  await writeOut(`${text.join('\n').trimEnd()}\n`);
}

function write(value: unknown): Promise<void> {
  return writeOut(`${JSON.stringify(value, null, 2)}\n`);
}
