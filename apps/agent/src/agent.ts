import { sha256Hex } from '#kernel';
import type { HeartbeatAck } from '#contracts';
import { inSpan } from '#tracing';
import { ChangeSignal } from './change-signal.js';
import { LiveConnection, type AgentCommand } from './live-connection.js';
import { DirectorySource, SourceUnreadable } from './directory-source.js';
import { InventorySync, type SourceSnapshot } from './inventory-sync.js';
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

const HEARTBEAT_MS = 30_000;

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
    await follow(options, identity, client, source);
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

async function follow(
  options: AgentOptions,
  identity: AgentIdentity,
  client: PlatformClient,
  source: DirectorySource,
): Promise<void> {
  const sync = new InventorySync(client, identity.credential, Date.now);
  const changed = new ChangeSignal();
  const live = new LiveConnection(options.server, identity.credential, () => changed.wakeUp(), options.signal);
  const send = (whole: boolean, parent?: string): Promise<void> =>
    inSpan(whole ? 'list' : 'update', { kind: 'consumer', parent }, async (span) => {
      const snapshot = await look(options, source);
      if (snapshot === undefined) return;
      const within = span?.traceparent ?? parent;
      const rejected = await (whole ? sync.list(snapshot, within) : sync.update(snapshot, within));
      report(options, rejected, snapshot.objects.length);
    });
  const tell = async (command: AgentCommand | undefined): Promise<HeartbeatAck> => {
    const beat = { ...sync.position, agent_version: options.version };
    return (await live.heartbeat(beat, command?.id)) ?? client.heartbeat(identity.credential, beat);
  };
  // Watched before the first reading, so that nothing written in between is missed.
  await source.watch(() => changed.raise(), options.say);
  await send(true);
  for (;;) {
    const cause = await changed.next(options.heartbeatMs ?? HEARTBEAT_MS, options.signal);
    if (options.signal.aborted) return;
    const command = live.takeCommand();
    if (cause === 'change' || command !== undefined) await send(false, command?.traceparent);
    if (cause === 'change' && command === undefined) continue;
    const ack = await tell(command);
    if (!ack.in_sync || !sync.hasListed) {
      await send(true, command?.traceparent);
      if (command !== undefined) await tell(command);
    } else if (source.isLost) await send(false);
  }
}

/** @returns undefined where the folder can't be read: what was told of it last stays, and the next look may tell more */
async function look(options: AgentOptions, source: DirectorySource): Promise<SourceSnapshot | undefined> {
  try {
    return await source.read();
  } catch (error) {
    if (!(error instanceof SourceUnreadable)) throw error;
    options.say(`nothing can be told of the folder: ${error.message}`);
    return undefined;
  }
}

function report({ say }: AgentOptions, rejected: readonly string[], objects: number): void {
  say(`${objects} objects sent`);
  for (const message of rejected) say(`not taken: ${message}`);
}
