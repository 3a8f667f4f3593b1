import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Refuses a Node that is too old, saying what is needed. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Bylaw needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

/** Ends with a message and no stack. */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs a program to its end; what it prints is shown. Ends this process where it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.error) fail(`${command}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Starts a program that takes this one's place: signals and its exit code pass through. */
export function become(command, args, options = {}) {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  // Ctrl-C reaches the child by itself; we only have to outlive it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** Installs the packages where the lock file is not what was installed last. */
export function install() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).update(process.version).digest('hex');
  const mark = join(ROOT, 'node_modules', '.bylaw-installed');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) return;
  process.stderr.write('Installing packages (once)\n');
  // The optional packages of other platforms make `npm ci` fail on some versions of npm; the lock file holds here too.
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(
    mark,
    createHash('sha256')
      .update(readFileSync(join(ROOT, 'package-lock.json')))
      .update(process.version)
      .digest('hex'),
  );
}
