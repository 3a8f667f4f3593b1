import { sha256Hex } from '#kernel';
import { DirectorySource } from './directory-source.js';
import { follow } from './follow.js';
import { PlatformClient, PlatformRefusal } from './platform-client.js';
import { StateFolder, type AgentIdentity } from './state-folder.js';

export interface AgentOptions {
  /** Base URL of the platform. */
  server: string;
  /** Enrolment token; needed at the first start, and of no account once it was used: a new one enrols again. */
  token?: string | undefined;
  /** Absolute path of the folder that stands for the cluster. */
  manifests: string;
  /** Absolute path of the folder for credential and key. */
  stateFolder: string;
  version: string;
  /** Milliseconds between two signs of life; half a minute unless said otherwise. */
  heartbeatMs?: number;
  /** One line for a person. */
  say: (line: string) => void;
  /** Ends the agent. */
  signal: AbortSignal;
}

/** The agent can't go on; the message says what would help. */
export class AgentError extends Error {}

/**
 * Runs an agent until it is ended: enrols, lists, then sends what changes, and a sign of life every half minute.
 * @param options where from, where to
 * @throws AgentError where the platform refuses it
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const state = new StateFolder(options.stateFolder);
  const client = new PlatformClient(
    options.server,
    (why, ms) => options.say(`${why}; again in ${(ms / 1_000).toFixed(1)} s`),
    options.signal,
  );
  const source = new DirectorySource(options.manifests, state.hmacKey());
  try {
    const identity = await enrolled(options, state, client);
    await follow({ ...options, credential: identity.credential }, client, source);
  } catch (error) {
    if (options.signal.aborted) return;
    throw error instanceof PlatformRefusal
      ? new AgentError(`refused (${error.code}): ${error.message}`, { cause: error })
      : error;
  } finally {
    await source.close();
  }
}

async function enrolled(options: AgentOptions, state: StateFolder, client: PlatformClient): Promise<AgentIdentity> {
  const known = state.identity();
  const tokenHash = options.token === undefined ? undefined : sha256Hex(options.token);
  if (known !== undefined && (tokenHash === undefined || known.token_hash === tokenHash)) return known;
  if (options.token === undefined || tokenHash === undefined) throw new AgentError(howToEnroll(state));
  const { cluster_id, cluster_name, credential } = await client.enroll({
    token: options.token,
    agent_version: options.version,
  });
  const identity: AgentIdentity = {
    server: options.server,
    cluster_id,
    cluster_name,
    credential,
    token_hash: tokenHash,
  };
  state.keep(identity);
  options.say(`enrolled as ${cluster_name} (${cluster_id})`);
  return identity;
}

function howToEnroll(state: StateFolder): string {
  return state.isDamaged
    ? `${state.credentialFile} can't be read: get a new token from POST /api/v1/clusters/{id}/enrollment and give it as --token.`
    : 'Not enrolled yet: give --token, from POST /api/v1/clusters.';
}
