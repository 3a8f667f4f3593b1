import type { JsonObject } from '#kernel';
import { readFolder } from '#kube';
import { backoff } from '../../apps/agent/src/backoff.js';
import { follow, type ClusterSource } from '../../apps/agent/src/follow.js';
import { PlatformClient } from '../../apps/agent/src/platform-client.js';
import { aDeployment } from './objects.js';

/** So many agents in one process: the product's own but for where their objects come from. */
export interface AgentsOrder {
  type: 'agents';
  server: string;
  /** Enrolment tokens, one for each. */
  tokens: string[];
  objects: number;
}

/** Everything that agents were told since the last question, by what it means. */
export interface Heard {
  /** Asked to come back later (429, 503). */
  refused: number;
  /** There was nobody, or a connection broke. */
  away: number;
  /** Anything else that went wrong, each with how often. */
  errors: Record<string, number>;
}

export type Order = AgentsOrder | { type: 'follow' } | { type: 'heard' };
export type Answer = { type: 'enrolled'; seconds: number } | { type: 'heard'; heard: Heard };

const VERSION = 'bench';
/** Enrolments at once in one process. */
const ENROLLING = 4;
const REFUSED = /\b(?:429|503)\b/;
const AWAY = /ECONNREFUSED|ECONNRESET|EPIPE|socket hang up|UND_ERR_SOCKET|closed with 1006/;

const signal = new AbortController().signal;
let heard: Heard = { refused: 0, away: 0, errors: {} };
let begin = (): void => undefined;

process.on('message', (order: Order) => {
  if (order.type === 'agents') void prepare(order).then((answer) => process.send?.(answer));
  if (order.type === 'follow') begin();
  if (order.type === 'heard') {
    process.send?.({ type: 'heard', heard } satisfies Answer);
    heard = { refused: 0, away: 0, errors: {} };
  }
});
// Without whoever asked there is nothing to do.
process.on('disconnect', () => process.exit(0));

async function prepare({ server, tokens, objects }: AgentsOrder): Promise<Answer> {
  const begun = performance.now();
  const client = new PlatformClient(server, note, signal);
  const left = [...tokens];
  const credentials: string[] = [];
  const enrolling = async (): Promise<void> => {
    for (let token = left.pop(); token !== undefined; token = left.pop())
      credentials.push((await client.enroll({ token, agent_version: VERSION })).credential);
  };
  await Promise.all(Array.from({ length: ENROLLING }, enrolling));
  const source = sourceOf(objects);
  begin = () => {
    for (const credential of credentials) void run(server, credential, source);
  };
  return { type: 'enrolled', seconds: (performance.now() - begun) / 1_000 };
}

/** A supervisor starts an agent again that gave up. */
async function run(server: string, credential: string, source: ClusterSource): Promise<never> {
  const client = new PlatformClient(server, note, signal);
  for (let attempt = 0; ; attempt++) {
    await follow({ server, credential, version: VERSION, say: note, signal }, client, source).catch((error: unknown) =>
      note(`the agent ended: ${(error as Error).message}`),
    );
    await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
  }
}

/** All clusters hold the same, and nothing changes: what is measured is not what is in them. */
function sourceOf(count: number): ClusterSource {
  const files = Array.from({ length: count }, (_, n) => ({
    path: `${n}.json`,
    text: Buffer.from(JSON.stringify(aDeployment(n))),
  }));
  const objects = readFolder(files, { hmacKey: Buffer.alloc(32) }).objects.map(({ object, identity, attributes }) => ({
    object,
    identity,
    attributes: attributes as unknown as JsonObject,
  }));
  return {
    isLost: false,
    read: async () => ({ objects, problems: [], at: Date.now() }),
    watch: async () => undefined,
  };
}

/** @param line what an agent says to a person, or would */
function note(line: string): void {
  if (/^\d+ objects sent/.test(line)) return;
  if (REFUSED.test(line)) heard.refused++;
  else if (AWAY.test(line)) heard.away++;
  else {
    const what = line.replace(/; again in .*/, '');
    heard.errors[what] = (heard.errors[what] ?? 0) + 1;
  }
}
