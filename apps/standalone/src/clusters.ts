import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterPageSchema, createdClusterSchema, enrollmentSchema } from '#contracts';
import { AgentProcess } from './agent-process.js';
import { ApiClient } from './api-client.js';
import type { ManifestSource } from './arguments.js';
import type { Platform } from './platform.js';

/**
 * Registers a folder as a cluster, where that was not done before, and starts the agent that supplies it.
 * @param platform what runs
 * @param source the folder and the cluster's name
 */
export async function startCluster(platform: Platform, source: ManifestSource): Promise<AgentProcess> {
  const api = new ApiClient(platform.url, platform.owner.ownerKey);
  const stateDir = join(platform.config.dataDir, 'agents', source.name);
  const token = existsSync(join(stateDir, 'credential.json')) ? undefined : await tokenFor(api, source.name);
  const args = ['--server', platform.url, '--manifests', fileURLToPath(source.folder), '--state', stateDir];
  if (token !== undefined) args.push('--token', token);
  return AgentProcess.start(args, (line) => process.stderr.write(`         ${source.name}: ${line}\n`));
}

async function tokenFor(api: ApiClient, name: string): Promise<string> {
  const { items } = await api.get(`/clusters?name=${encodeURIComponent(name)}`, clusterPageSchema);
  const present = items[0];
  if (present !== undefined) return (await api.post(`/clusters/${present.id}/enrollment`, {}, enrollmentSchema)).token;
  const created = await api.post('/clusters', { name }, createdClusterSchema);
  return created.enrollment.token;
}
