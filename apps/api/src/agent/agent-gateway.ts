import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppError, ERROR_CODES, systemClock, uuidV7 } from '#kernel';
import { AGENT_HEARTBEAT_SECONDS, CLOSED_REPLACED } from '#contracts';
import { EnrollmentService, Mailbox, SignsOfLife, type AgentPrincipal } from '#fleet';
import { CredentialAttempts, LOGGER, type Logger } from '#platform';
import { bearerOf } from '../auth/bearer.js';
import { AgentLink } from './agent-link.js';
import { ArrivalLine } from './arrival-line.js';

const PATH = '/agent/v1/connect';
/** An agent says where it is, and little else. */
const MESSAGE_MAX_BYTES = 16_384;
/** Mail that nobody told of is looked for. */
const LOOK_MS = 2_000;
const PING_MS = AGENT_HEARTBEAT_SECONDS * 1_000;
/** Connections that are being checked, or whose agent waits for its first answer: a fleet that comes back is let in in waves. */
const ADMITTED_AT_ONCE = 32;
/** Who opens a connection and says nothing keeps nobody out for longer. */
const GREETED_WITHIN_MS = 500;
const IN_LINE = 2_000;
/** A third of the time that an agent waits for a handshake. */
const IN_LINE_MS = 10_000;
/** Seconds within which agents go elsewhere where this replica ends. */
const ELSEWHERE_S = 5;
/** Over so long a fleet that is told to go spreads its coming back. */
const SPREAD_MS = 10_000;

/** Holds the connections of agents that came to this replica, and brings them their mail. */
@Injectable()
export class AgentGateway implements BeforeApplicationShutdown {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
  });
  private readonly links = new Map<string, AgentLink>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly arriving = new ArrivalLine({ atOnce: ADMITTED_AT_ONCE, places: IN_LINE, withinMs: IN_LINE_MS });
  private leaving = false;

  constructor(
    private readonly enrollment: EnrollmentService,
    private readonly signs: SignsOfLife,
    private readonly mailbox: Mailbox,
    private readonly attempts: CredentialAttempts,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** How many agents are connected here. */
  get connected(): number {
    return this.links.size;
  }

  /** @param http the API's server, listening or not yet */
  attach(http: Server): void {
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.receive(request, socket, head);
    });
    this.mailbox.onMail((clusterId) => {
      if (this.links.has(clusterId)) void this.bringMail([clusterId]);
    });
    this.timers.push(setInterval(() => void this.bringMail([...this.links.keys()]), LOOK_MS));
    this.timers.push(setInterval(() => this.ping(), PING_MS));
  }

  /** Tells agents to go elsewhere, each a little later than the one before. */
  beforeApplicationShutdown(): void {
    this.leaving = true;
    for (const timer of this.timers) clearInterval(timer);
    for (const [index, link] of [...this.links.values()].entries()) {
      const share = this.links.size <= 1 ? 0 : index / this.links.size;
      link.send({ type: 'goodbye', reconnect_after_ms: Math.round(share * SPREAD_MS) });
      link.socket.close(1012, 'this replica ends');
    }
    this.server.close();
  }

  private receive(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Whatever stands there, by anybody: a path that is no URL must not throw.
    if (request.url?.split('?')[0] !== PATH) return refuse(socket, 404);
    const leave = (): void => refuse(socket, 503, 1 + Math.floor(Math.random() * ELSEWHERE_S));
    if (this.leaving) return leave();
    this.arriving.enter(
      async () => {
        if (this.leaving) return leave();
        const link = await this.admit(request, socket, head);
        if (link !== undefined) await within(GREETED_WITHIN_MS, link.greeted);
      },
      (seconds) => refuse(socket, 503, seconds),
    );
  }

  /** @returns undefined where it was refused */
  private async admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<AgentLink | undefined> {
    try {
      const credential = bearerOf(request);
      const address = request.socket.remoteAddress ?? '';
      const check = (): Promise<AgentPrincipal> => this.enrollment.authenticate(credential);
      const agent = await this.attempts.check('agent', address, credential, check);
      // Who has gone while waiting is not told of again.
      if (socket.destroyed) return undefined;
      return await new Promise((resolve) => {
        socket.once('close', () => resolve(undefined));
        this.server.handleUpgrade(request, socket, head, (opened) => resolve(this.open(opened, agent)));
      });
    } catch (error) {
      if (!(error instanceof AppError)) this.logger.error({ err: error }, 'agent connection');
      refuse(socket, error instanceof AppError ? ERROR_CODES[error.code][0] : 503);
      return undefined;
    }
  }

  private open(socket: WebSocket, agent: AgentPrincipal): AgentLink {
    const { clusterId } = agent;
    const connection = { id: uuidV7(systemClock.now()), isOpen: () => socket.readyState === socket.OPEN };
    const link = new AgentLink(connection.id, socket, agent, {
      heartbeat: async ({ type: _type, ...beat }, waitedFor) => ({
        type: 'ack',
        ...(await this.signs.take(agent, beat, connection, waitedFor)),
      }),
      answered: (commandId) => this.mailbox.answer(agent, commandId),
      failed: (error) => {
        if (!this.leaving) this.logger.error({ err: error }, 'agent message');
      },
    });
    this.links.get(clusterId)?.socket.close(CLOSED_REPLACED, 'a newer connection of this cluster was opened');
    this.links.set(clusterId, link);
    socket.on('error', (error) => this.logger.debug({ err: error }, 'agent connection'));
    socket.on('close', () => void this.closed(link));
    // From its first answer on it is asked; what was left for it before is brought then.
    void link.greeted.then(() => this.bringMail([clusterId]));
    return link;
  }

  private async closed(link: AgentLink): Promise<void> {
    const { clusterId } = link.agent;
    if (this.links.get(clusterId) === link) this.links.delete(clusterId);
    await this.mailbox
      .disconnected(link.agent, link.id)
      .catch((error: unknown) => this.logger.debug({ err: error }, 'agent connection'));
  }

  private async bringMail(clusterIds: readonly string[]): Promise<void> {
    if (clusterIds.length === 0) return;
    const clusters: Record<string, string[]> = {};
    for (const id of clusterIds) {
      const orgId = this.links.get(id)?.agent.scope.orgId;
      if (orgId !== undefined) (clusters[orgId] ??= []).push(id);
    }
    try {
      for (const { clusterId, commandId, traceparent } of await this.mailbox.dangerouslyFindMail(clusters))
        this.links
          .get(clusterId)
          ?.send({ type: 'sync', command_id: commandId, ...(traceparent !== null && { traceparent }) });
    } catch (error) {
      this.logger.warn({ err: error }, 'mail for agents');
    }
  }

  /** A connection of which nothing comes any more is ended. */
  private ping(): void {
    for (const link of this.links.values()) {
      if (!link.alive) {
        link.socket.terminate();
        continue;
      }
      link.alive = false;
      link.socket.ping();
    }
  }
}

/** Answers a handshake that is not taken, as HTTP does. */
function refuse(socket: Duplex, status: number, retryAfterSeconds?: number): void {
  const retry = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`;
  socket.end(`HTTP/1.1 ${status} \r\nConnection: close\r\nContent-Length: 0\r\n${retry}\r\n`);
}

/** Waits for what comes, and no longer than that. */
async function within(ms: number, coming: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([coming, late]);
  clearTimeout(timer);
}
