import type { HeartbeatAck } from '#contracts';
import { inSpan } from '#tracing';
import { ChangeSignal } from './change-signal.js';
import { SourceUnreadable } from './directory-source.js';
import { InventorySync, type SourceSnapshot } from './inventory-sync.js';
import { LiveConnection, type AgentCommand } from './live-connection.js';
import type { PlatformClient } from './platform-client.js';

/** Where a cluster's state comes from. */
export interface ClusterSource {
  /** Whether it was gone at the last look, and nothing will tell when it is back. */
  readonly isLost: boolean;
  /** @throws SourceUnreadable where nothing can be told of it */
  read(): Promise<SourceSnapshot>;
  /** What changes after the returned promise is not missed. */
  watch(onChange: () => void, onError: (message: string) => void): Promise<void>;
}

export interface FollowOptions {
  /** Base URL of the platform. */
  server: string;
  credential: string;
  version: string;
  /** Milliseconds between two signs of life; half a minute unless said otherwise. */
  heartbeatMs?: number;
  /** One line for a person. */
  say: (line: string) => void;
  /** Ends it. */
  signal: AbortSignal;
}

const HEARTBEAT_MS = 30_000;

/**
 * Lists what a source holds, then tells what changes, and gives a sign of life every half minute: over the connection
 * where there is one, else by request.
 * @param client talks to the platform where there is no connection
 * @returns once it was ended
 * @throws PlatformRefusal
 */
export async function follow(options: FollowOptions, client: PlatformClient, source: ClusterSource): Promise<void> {
  const sync = new InventorySync(client, options.credential, Date.now);
  const changed = new ChangeSignal();
  const listener = {
    woken: () => changed.wakeUp(),
    lost: (why: string, ms: number) => options.say(`connection: ${why}; again in ${(ms / 1_000).toFixed(1)} s`),
  };
  const send = (whole: boolean, parent?: string): Promise<void> =>
    inSpan(whole ? 'list' : 'update', { kind: 'consumer', parent }, async (span) => {
      const snapshot = await look(options, source);
      if (snapshot === undefined) return;
      const within = span?.traceparent ?? parent;
      const rejected = await (whole ? sync.list(snapshot, within) : sync.update(snapshot, within));
      report(options, rejected, snapshot.objects.length);
    });
  // Watched before the first reading, so that nothing written in between is missed.
  await source.watch(() => changed.raise(), options.say);
  await send(true);
  // Not before the listing: there is nothing to ask an agent for that has told nothing yet.
  const live = new LiveConnection(options.server, options.credential, listener, options.signal);
  // What is not answered over a connection is not asked again beside it: a platform that is late has enough to do.
  const tell = async (command: AgentCommand | undefined): Promise<HeartbeatAck | undefined> => {
    const beat = { ...sync.position, agent_version: options.version };
    return live.isOpen ? live.heartbeat(beat, command?.id) : client.heartbeat(options.credential, beat);
  };
  for (;;) {
    const cause = await changed.next(options.heartbeatMs ?? HEARTBEAT_MS, options.signal);
    if (options.signal.aborted) return;
    const command = live.takeCommand();
    if (cause === 'change' || command !== undefined) await send(false, command?.traceparent);
    if (cause === 'change' && command === undefined) continue;
    const ack = await tell(command);
    if (ack === undefined) continue;
    if (!ack.in_sync || !sync.hasListed) {
      await send(true, command?.traceparent);
      if (command !== undefined) await tell(command);
    } else if (source.isLost) await send(false);
  }
}

/** @returns undefined where the source can't be read: what was told of it last stays, and the next look may tell more */
async function look(options: FollowOptions, source: ClusterSource): Promise<SourceSnapshot | undefined> {
  try {
    return await source.read();
  } catch (error) {
    if (!(error instanceof SourceUnreadable)) throw error;
    options.say(`nothing can be told of the folder: ${error.message}`);
    return undefined;
  }
}

function report({ say }: FollowOptions, rejected: readonly string[], objects: number): void {
  say(`${objects} objects sent`);
  for (const message of rejected) say(`not taken: ${message}`);
}
