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
/** A platform that a whole fleet comes back to has many to greet. */
const OPEN_WITHIN_MS = 30_000;
/** The platform asks for a sign of life twice as often; and a cluster is stale only after 90 s. */
const SILENT_FOR_MS = 65_000;

/** Of a time that was told: not everyone who is told the same comes back in one moment. */
const SPREAD = 0.25;

/** What the platform asks for. */
export interface AgentCommand {
  id: string;
  /** The span that waits for it. */
  traceparent: string | undefined;
}

/** What a connection tells whoever it is held for. */
export interface ConnectionListener {
  /** A command came, or the connection was opened. */
  woken(): void;
  /** It ended, or could not be opened, and is tried again in so many milliseconds. */
  lost(why: string, waitMs: number): void;
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
   * @param listener told what becomes of it
   * @param signal ends the connection
   */
  constructor(
    private readonly server: string,
    private readonly credential: string,
    private readonly listener: ConnectionListener,
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
      handshakeTimeout: OPEN_WITHIN_MS,
    });
    this.socket = socket;
    socket.on('open', () => this.listener.woken());
    socket.on('ping', () => this.heard());
    socket.on('message', (data) => this.take(String(data)));
    // A close follows, which says less; a refused handshake has its own way.
    socket.on('error', (error) => this.lost((error as NodeJS.ErrnoException).code ?? error.message, undefined));
    socket.on('unexpected-response', (_request, response) => {
      const seconds = Number(response.headers['retry-after']);
      response.destroy();
      const wait = seconds > 0 ? seconds * 1_000 * (1 + SPREAD * Math.random()) : undefined;
      this.lost(`refused with ${response.statusCode}`, wait);
    });
    // Codes of our own say that coming back at once would end the same.
    socket.on('close', (code) => this.lost(`closed with ${code}`, code >= CLOSED_REPLACED ? SILENT_FOR_MS : undefined));
    this.heard();
  }

  private take(text: string): void {
    this.heard();
    const message = parse(text);
    switch (message?.type) {
      case 'ack':
        // Not before: a platform that opens connections and answers nothing is not to be asked faster and faster.
        this.failures = 0;
        return this.settle(message);
      case 'sync':
        this.commands.push({ id: message.command_id, traceparent: message.traceparent });
        return this.listener.woken();
      case 'goodbye':
        return this.lost('the platform said goodbye', message.reconnect_after_ms + backoff(0));
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
    this.silence = setTimeout(() => this.lost('silence', undefined), SILENT_FOR_MS);
  }

  /** Whatever was asked over the old connection is asked again over the next. */
  private lost(why: string, waitMs: number | undefined): void {
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
    const wait = Math.round(waitMs ?? backoff(this.failures++));
    this.timer = setTimeout(() => this.open(), wait);
    this.listener.lost(why, wait);
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.lost('the agent ends', undefined);
  }
}

function parse(text: string): PlatformMessage | undefined {
  try {
    return platformMessageSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
