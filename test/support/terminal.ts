import { spawn, spawnSync } from 'node:child_process';

const PROGRAM = 'script';

interface Session {
  env: NodeJS.ProcessEnv;
  /** Typed once something is asked for, by a colon at its end. */
  typed?: string;
}

/** @returns whether there is a terminal to be had; where everything has to be there (`CI=true`), its lack is an error */
export function hasTerminal(): boolean {
  const found = spawnSync(PROGRAM, ['--version']).status === 0;
  if (!found && process.env['CI'] === 'true') throw new Error(`${PROGRAM} is missing: install bsdutils`);
  if (!found) process.stderr.write(`${PROGRAM} is missing: what needs a terminal is skipped\n`);
  return found;
}

/**
 * Runs a command on a terminal, as a user does.
 * @param command of the shell
 * @returns all that is shown
 */
export function onTerminal(command: string, { env, typed }: Session): Promise<string> {
  const terminal = spawn(PROGRAM, ['-qfec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  if (typed === undefined) terminal.stdin.end();
  let screen = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    const isAsked = !screen.includes(': ') && `${screen}${text}`.includes(': ');
    screen += text;
    if (isAsked && typed !== undefined) terminal.stdin.write(typed);
  });
  return new Promise((resolve) => terminal.once('close', () => resolve(screen)));
}
