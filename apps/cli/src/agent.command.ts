import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { sha256Hex, VERSION } from '#kernel';
import { startTracing, stopTracing } from '#tracing';
import { AgentError, runAgent } from '../../agent/src/agent.js';
import { CliError } from './cli-error.js';

interface AgentFlags {
  server: string;
  token?: string;
  manifests: string;
  state?: string;
}

/** `bylaw agent`: supplies a cluster's state to the platform. */
export function agentCommand(): Command {
  return new Command('agent')
    .requiredOption('--server <url>', 'the platform')
    .option('--token <token>', 'enrolment token; needed once')
    .requiredOption('--manifests <dir>', 'folder of manifests that stands for the cluster')
    .option('--state <dir>', 'where credential and key are kept (default: below ~/.bylaw)')
    .action(run);
}

async function run(flags: AgentFlags): Promise<void> {
  const manifests = resolve(flags.manifests);
  if (!existsSync(manifests) || !statSync(manifests).isDirectory())
    throw new CliError(`--manifests ${flags.manifests}: there is no such folder`, 2);
  if (!URL.canParse(flags.server))
    throw new CliError(`--server ${flags.server}: not a URL, as in http://localhost:3000`, 2);
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  // A parent that started us with a channel and is gone, however it ended, takes us with it.
  process.once('disconnect', () => ended.abort());
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const onError = (message: string): void => say(`traces are not sent: ${message}`);
    await startTracing({ service: 'bylaw-agent', version: VERSION, environment: process.env, onError });
    await runAgent({
      server: flags.server,
      token: flags.token,
      manifests,
      stateFolder: resolve(flags.state ?? defaultState(flags.server, manifests)),
      version: VERSION,
      say,
      signal: ended.signal,
    });
  } catch (error) {
    if (error instanceof AgentError) throw new CliError(error.message, 2);
    throw error;
  } finally {
    await stopTracing();
    // The channel would keep this process alive until the parent takes it for hung.
    if (process.connected) process.disconnect();
  }
}

/** One folder for each pair of platform and source. */
function defaultState(server: string, manifests: string): string {
  return join(homedir(), '.bylaw', 'agents', sha256Hex(`${server}\n${manifests}`).slice(0, 16));
}
