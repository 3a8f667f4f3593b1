import { WebSocket } from 'ws';
import { agentMessageSchema, platformMessageSchema, type AgentMessage, type PlatformMessage } from '#contracts';
import { eventually } from '#testing';

/** The connection of an agent that says what the test wants it to say. */
export class TestLink {
  readonly heard: PlatformMessage[] = [];
  /** Code of the close, or the status of a refused handshake. */
  ended: number | undefined;

  private constructor(private readonly socket: WebSocket) {}

  /**
   * @param url base URL of a replica
   * @param credential of the agent
   * @returns once it is open or was refused
   */
  static async open(url: string, credential: string, path = '/agent/v1/connect'): Promise<TestLink> {
    const target = new URL(path, url.replace(/^http/, 'ws'));
    const socket = new WebSocket(target, { headers: { authorization: `Bearer ${credential}` } });
    const link = new TestLink(socket);
    socket.on('error', () => undefined);
    socket.on('message', (data) => link.heard.push(platformMessageSchema.parse(JSON.parse(String(data)))));
    socket.on('close', (code) => {
      link.ended ??= code;
    });
    await new Promise<void>((resolve) => {
      socket.on('open', () => resolve());
      socket.on('unexpected-response', (_request, response) => {
        link.ended = response.statusCode ?? 0;
        socket.terminate();
        resolve();
      });
    });
    return link;
  }

  say(message: AgentMessage): void {
    this.socket.send(JSON.stringify(agentMessageSchema.parse(message)));
  }

  /** Sends whatever it is. */
  sendRaw(text: string | Buffer): void {
    this.socket.send(text);
  }

  /** @returns the next message of that type, taken off what was heard */
  async next<Type extends PlatformMessage['type']>(type: Type): Promise<Extract<PlatformMessage, { type: Type }>> {
    return eventually(async () => {
      const index = this.heard.findIndex((message) => message.type === type);
      const [found] = index < 0 ? [] : this.heard.splice(index, 1);
      return found as Extract<PlatformMessage, { type: Type }> | undefined;
    }, `a message of type ${type}`);
  }

  /** @returns the code that it was closed with */
  async untilEnded(): Promise<number> {
    return eventually(async () => this.ended, 'the connection to end');
  }

  close(): void {
    this.socket.close();
  }
}
