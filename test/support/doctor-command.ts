import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const OURS = /^(?:BYLAW_|DATABASE_|REDIS_|LOG_|PORT$)/;

/** What it printed, and how it ended. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs `bylaw doctor` beside this process, which may serve what it looks at.
 * @param args its options
 * @param env the platform's variables: those of this process are none of it
 * @param root folder of the installation
 */
export async function doctor(
  args: readonly string[],
  env: Record<string, string | undefined>,
  root = ROOT,
): Promise<Ended> {
  const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
  const cli = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
  const child = spawn(process.execPath, ['--no-warnings', cli, 'doctor', ...args], {
    env: { ...plain, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...ended };
}
