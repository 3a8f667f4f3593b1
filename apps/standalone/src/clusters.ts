import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterPageSchema, createdClusterSchema, enrollmentSchema, type ClusterShape } from '#contracts';
import { StateFolder } from '../../agent/src/state-folder.js';
import { AgentProcess } from './agent-process.js';
import { ApiClient } from './api-client.js';
import type { ManifestSource } from './arguments.js';
import type { Platform } from './platform.js';

/** As a first answer is, which holds the token. */
const firstEnrollment = enrollmentSchema.required({ token: true });

/** A folder that stands for a cluster, with the agent that supplies it. */
export interface SuppliedCluster {
  name: string;
  agent: AgentProcess;
  /** Up to when its state was known before this start; null where nothing was. */
  knownUntil: string | null;
}

/**
 * Registers a folder as a cluster, where that was not done before, and starts the agent that supplies it.
 * @param platform what runs
 * @param source the folder and the cluster's name
 */
export async function startCluster(platform: Platform, source: ManifestSource): Promise<SuppliedCluster> {
  const { name } = source;
  const api = new ApiClient(platform.localUrl, platform.owner.ownerKey);
  const { items } = await api.get(`/clusters?name=${encodeURIComponent(name)}`, clusterPageSchema);
  const present = items[0];
  const stateDir = join(platform.config.dataDir, 'agents', name);
  // A credential of a cluster that was removed, or of another database, is of no use any more.
  const isEnrolled = present !== undefined && new StateFolder(stateDir).identity()?.cluster_id === present.id;
  const args = ['--server', platform.localUrl, '--manifests', fileURLToPath(source.folder), '--state', stateDir];
  if (!isEnrolled) args.push('--token', await tokenFor(api, name, present));
  const agent = AgentProcess.start(args, (line) => process.stderr.write(`         ${name}: ${line}\n`));
  return { name, agent, knownUntil: present?.state_as_of ?? null };
}

async function tokenFor(api: ApiClient, name: string, present: ClusterShape | undefined): Promise<string> {
  if (present !== undefined) return (await api.post(`/clusters/${present.id}/enrollment`, {}, firstEnrollment)).token;
  const created = await api.post('/clusters', { name }, createdClusterSchema.extend({ enrollment: firstEnrollment }));
  return created.enrollment.token;
}
