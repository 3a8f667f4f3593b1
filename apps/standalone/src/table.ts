import Table from 'cli-table3';
import pc from 'picocolors';
import { SEVERITIES } from '#kernel';
import {
  clusterPageSchema,
  complianceSchema,
  runPageSchema,
  violationPageSchema,
  type ClusterShape,
  type ComplianceShape,
  type ViolationShape,
} from '#contracts';
import { ApiClient } from './api-client.js';
import type { SuppliedCluster } from './clusters.js';
import type { Platform } from './platform.js';
import type { Progress } from './progress.js';

const POLL_MS = 150;
const WORST = 3;

/** Says where the platform is, and where the owner's key lies. */
export function printReady({ url, owner, config }: Platform): void {
  process.stdout.write(`\n${pc.bold(`Bylaw is ready at ${url}`)}\n`);
  const key = config.initApiKey === undefined ? `in ${owner.ownerKeyFile}` : 'the one you gave as BYLAW_INIT_API_KEY';
  process.stdout.write(`The owner's API key is ${key}\n\n`);
}

/**
 * Waits until the clusters were judged, and shows what was found.
 * @param platform what runs
 * @param supplied the clusters
 * @param progress for the person who waits
 */
export async function printTable(
  platform: Platform,
  supplied: readonly SuppliedCluster[],
  progress: Progress,
): Promise<void> {
  const api = new ApiClient(platform.localUrl, platform.owner.ownerKey);
  const clusters = await untilJudged(api, supplied, progress);
  const table = new Table({
    head: ['cluster', 'connection', 'objects', 'score', 'coverage', ...SEVERITIES.toReversed()],
    style: pc.isColorSupported ? { head: ['bold'], border: ['dim'] } : { head: [], border: [] },
  });
  for (const cluster of clusters) table.push(await rowOf(api, cluster));
  process.stdout.write(`${table.toString()}\n`);
  for (const cluster of clusters.filter(({ problems }) => problems.length > 0)) printProblems(cluster);
  await printWorst(api);
}

async function untilJudged(
  api: ApiClient,
  supplied: readonly SuppliedCluster[],
  progress: Progress,
): Promise<ClusterShape[]> {
  const told = new Set<string>();
  const tell = (what: string): void => {
    if (!told.has(what)) progress.say(what);
    told.add(what);
  };
  for (let settled = 0; ;) {
    const { items } = await api.get('/clusters?limit=500', clusterPageSchema);
    const clusters = items.filter(({ name }) => supplied.some((cluster) => cluster.name === name));
    const arrived = clusters.filter((cluster) => hasArrived(cluster, supplied));
    for (const { name, objects } of arrived) tell(`${name}: ${objects} objects received`);
    settled = arrived.length === supplied.length && (await areJudged(api, arrived)) ? settled + 1 : 0;
    // Seen twice: between the arrival of a change and the run that it asks for lies a moment without either.
    if (settled > 1) return clusters;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Its agent has told of it since this start, or never will. */
function hasArrived({ name, state_as_of }: ClusterShape, supplied: readonly SuppliedCluster[]): boolean {
  const cluster = supplied.find((candidate) => candidate.name === name);
  if (cluster === undefined) return false;
  return cluster.agent.hasGivenUp || (state_as_of !== null && state_as_of !== cluster.knownUntil);
}

/** Every object was looked at: it stands under some check, or under none; and nothing waits to be judged again. */
async function areJudged(api: ApiClient, clusters: readonly ClusterShape[]): Promise<boolean> {
  for (const { id, objects } of clusters) {
    const compliance = await api.get(`/compliance?cluster_id=${id}`, complianceSchema);
    if (compliance.objects.total + compliance.objects.excluded !== objects) return false;
    for (const status of ['waiting', 'running']) {
      const runs = await api.get(`/runs?cluster_id=${id}&status=${status}&limit=1`, runPageSchema);
      if (runs.items.length > 0) return false;
    }
  }
  return true;
}

async function rowOf(api: ApiClient, cluster: ClusterShape): Promise<string[]> {
  const compliance = await api.get(`/compliance?cluster_id=${cluster.id}`, complianceSchema);
  const open = SEVERITIES.toReversed().map((severity) => String(compliance.by_severity[severity]?.fail ?? 0));
  return [
    cluster.name,
    cluster.connection,
    String(cluster.objects),
    percent(compliance.score),
    coverage(compliance),
    ...open,
  ];
}

function percent(share: number | null): string {
  return share === null ? 'none' : `${(share * 100).toFixed(1)} %`;
}

function coverage(compliance: ComplianceShape): string {
  const excluded = compliance.objects.excluded === 0 ? '' : `, ${compliance.objects.excluded} excluded`;
  return `${percent(compliance.coverage)}${excluded}`;
}

function printProblems(cluster: ClusterShape): void {
  process.stdout.write(`\n${pc.bold(`Left out of ${cluster.name}`)}\n`);
  for (const { path, line, column, message } of cluster.problems.slice(0, 10)) {
    process.stdout.write(`  ${path}:${line}:${column}  ${message}\n`);
  }
  if (cluster.problems.length > 10) process.stdout.write(`  … and ${cluster.problems.length - 10} more\n`);
}

async function printWorst(api: ApiClient): Promise<void> {
  const { items } = await api.get(`/violations?sort=-severity&limit=${WORST}`, violationPageSchema);
  if (items.length === 0) return;
  process.stdout.write(`\n${pc.bold('The worst violations')}\n`);
  for (const violation of items) printViolation(violation);
  process.stdout.write('\n');
}

function printViolation({ severity, policy, cluster, object, findings }: ViolationShape): void {
  const place = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
  process.stdout.write(`  ${pc.red(severity)}  ${policy.title} (${policy.slug})\n`);
  process.stdout.write(`      ${object.kind} ${place} in ${cluster.name}\n`);
  const finding = findings[0];
  if (finding === undefined) return;
  process.stdout.write(`      ${finding.path}: ${finding.message}\n`);
  if (finding.fix !== undefined) process.stdout.write(`      fix: ${JSON.stringify(finding.fix)}\n`);
}
