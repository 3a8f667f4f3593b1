import { Command } from 'commander';
import type { ClusterShape } from '#contracts';
import { parsePublicId } from '#kernel';
import { oneLine } from '#formats';
import { CliError } from './cli-error.js';
import { type ListingFlags, showList, withListing } from './listing.js';
import { PlatformApi } from './platform-api.js';
import { type ServerFlags, serverOf, withServer } from './server.js';
import type { Column } from './table.js';
import { writeOut } from './write-out.js';

const COLUMNS: Column<ClusterShape>[] = [
  { name: 'name', of: ({ name }) => name },
  { name: 'environment', of: ({ environment }) => environment },
  { name: 'connection', of: ({ connection }) => connection, whole: true },
  { name: 'objects', of: ({ objects }) => objects, whole: true },
  { name: 'kubernetes', of: (cluster) => cluster.kubernetes_version },
  { name: 'last_seen_at', of: (cluster) => cluster.last_seen_at, whole: true },
  { name: 'problems', of: ({ problems }) => problems.length, whole: true },
  { name: 'id', of: ({ id }) => id, whole: true },
];

const EXAMPLES = `
Examples:
  bylaw clusters
  bylaw clusters show production
  bylaw clusters --format json | jq -r '.[] | select(.connection != "connected").name'`;

/** `bylaw clusters`: the organization's clusters. */
export function clustersCommand(): Command {
  const show = withServer(new Command('show'), 'read')
    .argument('<cluster>', 'name or id')
    .description('one cluster, with what its agent could not read')
    .option('--json', 'for programs')
    .action(showCluster);
  return withListing(withServer(new Command('clusters'), 'read'))
    .enablePositionalOptions()
    .addCommand(show)
    .addHelpText('after', EXAMPLES)
    .action((flags: ServerFlags & ListingFlags) =>
      showList(new PlatformApi(serverOf(flags)), { path: '/clusters', query: {}, columns: COLUMNS }, flags),
    );
}

/**
 * @param cluster its id or its name
 * @throws CliError 2 where there is none
 */
export async function findCluster(api: PlatformApi, cluster: string): Promise<ClusterShape> {
  if (parsePublicId('cluster', cluster) !== null) return api.get<ClusterShape>(`/clusters/${cluster}`);
  const { items } = await api.upTo<ClusterShape>(1, '/clusters', { name: cluster });
  const [found] = items;
  if (found === undefined) throw new CliError(`no cluster is called ${cluster}; \`bylaw clusters\` lists them`, 2);
  return found;
}

async function showCluster(name: string, flags: ServerFlags & { json?: boolean }): Promise<void> {
  const cluster = await findCluster(new PlatformApi(serverOf(flags)), name);
  if (flags.json === true) return writeOut(`${JSON.stringify(cluster, null, 2)}\n`);
  const { environment, labels, connection, objects, problems } = cluster;
  const facts: [string, string | number | null][] = [
    ['id', cluster.id],
    ['environment', environment],
    [
      'labels',
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
    ['connection', connection],
    ['unknown since', cluster.unknown_since],
    ['objects', objects],
    ['Kubernetes', cluster.kubernetes_version],
    ['agent', cluster.agent_version],
    ['last seen', cluster.last_seen_at],
    ['state as of', cluster.state_as_of],
    ['registered', cluster.created_at],
  ];
  const lines = [
    cluster.name,
    ...facts.flatMap(([what, value]) => (value === null || value === '' ? [] : [`  ${what.padEnd(15)}${value}`])),
    ...(problems.length === 0 ? [] : ['', 'Not read:']),
    ...problems.map(({ path, line, column, message }) => `  ${path}:${line}:${column}: ${message}`),
  ];
  await writeOut(`${lines.map((line) => line && line.slice(0, 2) + oneLine(line.slice(2))).join('\n')}\n`);
}
