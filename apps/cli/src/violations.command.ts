import { Command, Option } from 'commander';
import { VIOLATION_SORTS, VIOLATION_STATES, type ViolationShape } from '#contracts';
import { oneLine } from '#formats';
import { SEVERITIES } from '#kernel';
import { findCluster } from './clusters.command.js';
import { type ListingFlags, showList, withListing } from './listing.js';
import { PlatformApi } from './platform-api.js';
import { type ServerFlags, serverOf, withServer } from './server.js';
import type { Column } from './table.js';
import { writeOut } from './write-out.js';

interface ViolationsFlags extends ServerFlags, ListingFlags {
  cluster?: string;
  policy?: string;
  severity?: string;
  state?: string;
  namespace?: string;
  disposition?: string;
  at?: string;
  from?: string;
  to?: string;
  query?: string;
  sort?: string;
}

const COLUMNS: Column<ViolationShape>[] = [
  { name: 'severity', of: ({ severity }) => severity, whole: true },
  { name: 'policy', of: ({ policy, instance }) => (instance === '' ? policy.slug : `${policy.slug}/${instance}`) },
  { name: 'cluster', of: ({ cluster }) => cluster.name },
  { name: 'namespace', of: ({ object }) => object.namespace },
  { name: 'kind', of: ({ object }) => object.kind },
  { name: 'name', of: ({ object }) => object.name },
  { name: 'state', of: ({ state, disposition }) => (disposition === 'waived' ? disposition : state), whole: true },
  { name: 'opened_at', of: ({ opened_at: openedAt }) => openedAt, whole: true },
  { name: 'id', of: ({ id }) => id, whole: true },
];

const EXAMPLES = `
Examples:
  bylaw violations --cluster production --severity critical
  bylaw violations --policy no-latest-tag --format csv --limit 10000 > latest.csv
  bylaw violations --at 2026-03-01T00:00:00Z -q shop
  bylaw violations show vio_01KC…`;

/** `bylaw violations`: what is wrong in the organization's clusters. */
export function violationsCommand(): Command {
  const show = withServer(new Command('show'), 'read')
    .argument('<id>', 'as the list has it')
    .description('one violation, with each finding')
    .option('--json', 'for programs')
    .action(showViolation);
  return withListing(withServer(new Command('violations'), 'read'))
    .option('--cluster <cluster>', 'name or id')
    .option('--policy <policy>', 'slug or id')
    .addOption(new Option('--severity <severity>').choices(SEVERITIES))
    .addOption(new Option('--state <state>', 'default: all that is open').choices(VIOLATION_STATES))
    .option('--namespace <name>')
    .addOption(new Option('--disposition <disposition>', 'default: failing').choices(['failing', 'waived']))
    .option('--at <time>', 'those that were open then, as in 2026-03-01T00:00:00Z')
    .option('--from <time>', 'those that were open from then on')
    .option('--to <time>', '… until then')
    .option('-q, --query <prefix>', 'of a name, a namespace or a policy’s slug')
    .addOption(new Option('--sort <order>', 'default: -opened_at').choices(VIOLATION_SORTS))
    .enablePositionalOptions()
    .addCommand(show)
    .addHelpText('after', EXAMPLES)
    .action(list);
}

async function list(flags: ViolationsFlags): Promise<void> {
  const api = new PlatformApi(serverOf(flags));
  const { cluster, policy, severity, state, namespace, disposition, at, from, to, query: q, sort } = flags;
  const clusterId = cluster === undefined ? undefined : (await findCluster(api, cluster)).id;
  const query = { cluster_id: clusterId, policy, severity, state, namespace, disposition, at, from, to, q, sort };
  await showList(api, { path: '/violations', query, columns: COLUMNS }, flags);
}

async function showViolation(id: string, flags: ServerFlags & { json?: boolean }): Promise<void> {
  const api = new PlatformApi(serverOf(flags));
  const violation = await api.get<ViolationShape>(`/violations/${encodeURIComponent(id)}`);
  await writeOut(flags.json === true ? `${JSON.stringify(violation, null, 2)}\n` : violationText(violation));
}

/** One after another: what is wrong with what, since when, and each place. */
function violationText(violation: ViolationShape): string {
  const { policy, severity, category, cluster, object, state, disposition, findings } = violation;
  const name = [object.namespace, object.name].filter((part) => part !== '').join('/');
  const ended = violation.resolved_at === null ? [] : [`${violation.resolution ?? 'ended'} ${violation.resolved_at}`];
  const lines = [
    `${policy.slug}: ${policy.title}`,
    [severity, category, state, ...(disposition === 'waived' ? [disposition] : [])].join(' · '),
    `${object.kind} ${name} (${object.api_version}) in ${cluster.name}`,
    [`opened ${violation.opened_at}`, ...ended].join(' · '),
    ...findings.flatMap(({ path, message, found, expected }) => [
      '',
      `${path === '' ? '' : `${path}: `}${message}`,
      [
        ...(found === null ? [] : [`found ${JSON.stringify(found)}`]),
        ...(expected === null ? [] : [`expected ${JSON.stringify(expected)}`]),
      ].join(', '),
    ]),
  ];
  return `${lines.map((line) => oneLine(line)).join('\n')}\n`;
}
