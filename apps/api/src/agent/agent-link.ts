import type { WebSocket } from 'ws';
import { AppError } from '#kernel';
import {
  agentMessageSchema,
  CLOSED_INVALID,
  CLOSED_REVOKED,
  type AgentMessage,
  type PlatformMessage,
} from '#contracts';
import type { AgentPrincipal } from '#fleet';

/** What a link needs of the platform. */
export interface LinkPorts {
  /**
   * Takes a heartbeat, and checks the credential once more: it may have ended meanwhile.
   * @param waitedFor the connection counts as there only then, or somebody waits for what it tells
   */
  heartbeat(
    beat: Extract<AgentMessage, { type: 'heartbeat' }>,
    waitedFor: boolean,
  ): Promise<PlatformMessage & { type: 'ack' }>;
  /** The agent has done what a command asked. */
  answered(commandId: string): Promise<void>;
  /** Something went wrong on our side. */
  failed(error: unknown): void;
}

/** The connection of one cluster's agent: its messages are taken one after the other. */
export class AgentLink {
  /** Whether it has answered since it was last asked for a sign of life. */
  alive = true;
  /** Answers its first message, or ends before. */
  readonly greeted: Promise<void>;
  private known = false;
  private greet = (): void => undefined;
  private queue: Promise<void> = Promise.resolve();
  private readonly sent = new Set<string>();

  constructor(
    /** UUID of the connection. */
    readonly id: string,
    readonly socket: WebSocket,
    readonly agent: AgentPrincipal,
    private readonly ports: LinkPorts,
  ) {
    this.greeted = new Promise((resolve) => {
      this.greet = resolve;
    });
    socket.on('close', () => this.greet());
    socket.on('pong', () => {
      this.alive = true;
    });
    socket.on('message', (data, isBinary) => {
      this.queue = this.queue.then(() => this.take(isBinary ? undefined : String(data)));
    });
  }

  /** Says something to the agent; a command goes out once. */
  send(message: PlatformMessage): void {
    if (message.type === 'sync') {
      if (this.sent.has(message.command_id)) return;
      this.sent.add(message.command_id);
    }
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private async take(text: string | undefined): Promise<void> {
    const message = parse(text);
    if (message === undefined) return this.socket.close(CLOSED_INVALID, 'not a message of an agent');
    this.alive = true;
    try {
      const waitedFor = message.type === 'synced' || !this.known;
      const ack = await this.ports.heartbeat({ ...withoutCommand(message), type: 'heartbeat' }, waitedFor);
      // Who is not where we are has not sent everything: it lists anew, and says so once more.
      if (message.type === 'synced' && ack.in_sync) {
        await this.ports.answered(message.command_id);
        this.sent.delete(message.command_id);
      }
      this.send(ack);
      this.known = true;
      this.greet();
    } catch (error) {
      this.refuse(error);
    }
  }

  private refuse(error: unknown): void {
    if (error instanceof AppError && ['unauthenticated', 'credential_revoked'].includes(error.code))
      return this.socket.close(CLOSED_REVOKED, error.message.slice(0, 120));
    this.ports.failed(error);
    this.socket.close(1011, 'try again');
  }
}

function parse(text: string | undefined): AgentMessage | undefined {
  try {
    return text === undefined ? undefined : agentMessageSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function withoutCommand(message: AgentMessage): Extract<AgentMessage, { type: 'heartbeat' }> {
  const { epoch, seq, digest, agent_version, kubernetes_version } = message;
  return {
    type: 'heartbeat',
    epoch,
    seq,
    agent_version,
    ...(digest !== undefined && { digest }),
    ...(kubernetes_version !== undefined && { kubernetes_version }),
  };
}
