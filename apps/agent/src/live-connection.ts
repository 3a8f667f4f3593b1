import { WebSocket } from 'ws';
import {
  CLOSED_REPLACED,
  platformMessageSchema,
  type AgentMessage,
  type Heartbeat,
  type HeartbeatAck,
  type PlatformMessage,
} from '#contracts';
import { backoff } from './backoff.js';

const PATH = '/agent/v1/connect';
const ACK_WITHIN_MS = 15_000;
/** The platform asks for a sign of life twice as often. */
const SILENT_FOR_MS = 75_000;

/** What the platform asks for. */
export interface AgentCommand {
  id: string;
  /** The span that waits for it. */
  traceparent: string | undefined;
}

/** A connection that the platform can ask over; where there is none, everything goes on by requests. */
export class LiveConnection {
  private socket: WebSocket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private failures = 0;
  private ended = false;
  private waiting: ((ack: HeartbeatAck | undefined) => void) | undefined;
  private readonly commands: AgentCommand[] = [];

  /**
   * @param server base URL of the platform
   * @param credential of the agent
   * @param onEvent a command came, or the connection was opened
   * @param signal ends the connection
   */
  constructor(
    private readonly server: string,
    private readonly credential: string,
    private readonly onEvent: () => void,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.end());
    if (!signal.aborted) this.open();
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** @returns the next command that was not taken yet */
  takeCommand(): AgentCommand | undefined {
    return this.commands.shift();
  }

  /**
   * Says where the agent is, and waits for the answer.
   * @returns undefined where there is no connection, or no answer comes
   */
  heartbeat(beat: Heartbeat, commandId?: string): Promise<HeartbeatAck | undefined> {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(undefined);
    const message: AgentMessage =
      commandId === undefined ? { type: 'heartbeat', ...beat } : { type: 'synced', command_id: commandId, ...beat };
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(undefined), ACK_WITHIN_MS);
      this.waiting = (ack) => {
        clearTimeout(timer);
        resolve(ack);
      };
      socket.send(JSON.stringify(message));
    });
  }

  private open(): void {
    const url = new URL(PATH, this.server);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${this.credential}` },
      perMessageDeflate: false,
      handshakeTimeout: ACK_WITHIN_MS,
    });
    this.socket = socket;
    socket.on('open', () => {
      this.failures = 0;
      this.onEvent();
    });
    socket.on('ping', () => this.heard());
    socket.on('message', (data) => this.take(String(data)));
    // What went wrong is told by the close that follows; a refused handshake has its own way.
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      const seconds = Number(response.headers['retry-after']);
      response.destroy();
      this.lost(seconds > 0 ? seconds * 1_000 * (1 + Math.random()) : undefined);
    });
    // Codes of our own say that coming back at once would end the same.
    socket.on('close', (code) => this.lost(code >= CLOSED_REPLACED ? SILENT_FOR_MS : undefined));
    this.heard();
  }

  private take(text: string): void {
    this.heard();
    const message = parse(text);
    switch (message?.type) {
      case 'ack':
        return this.settle(message);
      case 'sync':
        this.commands.push({ id: message.command_id, traceparent: message.traceparent });
        return this.onEvent();
      case 'goodbye':
        return this.lost(message.reconnect_after_ms + backoff(0));
      case undefined:
    }
  }

  private settle(ack: HeartbeatAck | undefined): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.(ack);
  }

  private heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(undefined), SILENT_FOR_MS);
  }

  /** Whatever was asked over the old connection is asked again over the next. */
  private lost(waitMs: number | undefined): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.socket = undefined;
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.terminate();
    clearTimeout(this.silence);
    this.commands.length = 0;
    this.settle(undefined);
    if (this.ended) return;
    this.timer = setTimeout(() => this.open(), waitMs ?? backoff(this.failures++));
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.lost(undefined);
  }
}

function parse(text: string): PlatformMessage | undefined {
  try {
    return platformMessageSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
