import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is measured beside Bylaw on the same work: its Go module, and the version that is built where it is not there. */
const PEERS = {
  opa: 'github.com/open-policy-agent/opa@v1.22.2',
  conftest: 'github.com/open-policy-agent/conftest@v0.71.1',
} as const;
export type Peer = keyof typeof PEERS;

const BUILT = fileURLToPath(new URL('../../../node_modules/.cache/bylaw-peers', import.meta.url));
const BUILD_WITHIN_MS = 900_000;

/**
 * @param name of the peer
 * @returns its binary: the one on PATH, else one that is built with Go, once; undefined where there is no Go, which is told
 */
export function peerBinary(name: Peer): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), BUILT];
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  return found ?? buildPeer(name);
}

function buildPeer(name: Peer): string | undefined {
  try {
    process.stderr.write(`Building ${PEERS[name]}\n`);
    mkdirSync(BUILT, { recursive: true });
    execFileSync('go', ['install', PEERS[name]], {
      env: { ...process.env, GOBIN: BUILT, GOFLAGS: '-mod=mod' },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: BUILD_WITHIN_MS,
    });
    return join(BUILT, name);
  } catch {
    process.stdout.write(`\n${name} is neither on PATH nor can Go build it here: no peer is measured beside\n`);
    return undefined;
  }
}
