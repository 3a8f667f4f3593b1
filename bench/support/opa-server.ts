import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '#testing';
import { freePort } from '../../test/support/deployment.js';

const READY_WITHIN_MS = 60_000;

/** OPA's own server, without authentication and without keeping anything. */
export class OpaServer {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {}

  /**
   * @param opa its binary
   * @param folder of policies
   */
  static async start(opa: string, folder: string): Promise<OpaServer> {
    const port = await freePort();
    const args = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--log-level', 'error', folder];
    const server = new OpaServer(
      `http://127.0.0.1:${port}`,
      spawn(opa, args, { stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    const isReady = async (): Promise<boolean> =>
      (await fetch(`${server.url}/health`).catch(() => undefined))?.status === 200;
    await eventually(isReady, 'OPA to be ready', READY_WITHIN_MS);
    return server;
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill();
    await ended;
  }
}
