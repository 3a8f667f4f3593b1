import { createHash, createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { JsonObject } from '#kernel';
import { aDeployment } from './objects.js';
import { inputFor } from './opa-policies.js';

/** What one load is: so many connections that ask again once they are answered, or so many requests a second. */
export interface Load {
  /** Where it is posted. */
  url: string;
  /** None: nobody asks for one. */
  key?: string;
  /** Posted as OPA's input, with these parameters. */
  opa?: { parameters: JsonObject };
  /** Pushes in place of objects, each of another commit, of so many branches in turn, signed with the secret. */
  hook?: { secret: string; branches: number };
  connections: number;
  /** Constant arrival; undefined: as fast as answers come. */
  perSecond?: number;
  seconds: number;
}

/** Answers of one load. */
export interface LoadResult {
  /** Milliseconds, in order. */
  latencies: number[];
  errors: number;
  seconds: number;
}

process.on('message', (load: Load) => {
  void carryOut(load).then((result) => process.send?.(result));
});

/** Objects differ from each other, and each fails something. */
async function carryOut(load: Load): Promise<LoadResult> {
  const { url, connections, perSecond, seconds } = load;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let errors = 0;
  let sent = 0;
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  const one = async (from: number): Promise<void> => {
    try {
      await post(url, agent, postOf(load, sent++));
      latencies.push(performance.now() - from);
    } catch {
      errors++;
    }
  };
  if (perSecond === undefined) {
    const loop = async (): Promise<void> => {
      while (performance.now() < end) await one(performance.now());
    };
    await Promise.all(Array.from({ length: connections }, loop));
  } else {
    const going = new Set<Promise<void>>();
    for (let n = 0; ; n++) {
      const at = begun + (n * 1_000) / perSecond;
      if (at >= end) break;
      const wait = at - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      // From when it should have been sent: what waits in line has waited.
      const sending: Promise<void> = one(at).finally(() => going.delete(sending));
      going.add(sending);
    }
    await Promise.all(going);
  }
  const took = (performance.now() - begun) / 1_000;
  agent.destroy();
  return { latencies: latencies.sort((a, b) => a - b), errors, seconds: took };
}

/** What one request brings. */
interface Post {
  headers: Record<string, string>;
  body: string;
}

function postOf({ key, opa, hook }: Load, nr: number): Post {
  if (hook !== undefined) return pushOf(hook, nr);
  const object = aDeployment(10 * nr);
  const body = JSON.stringify(opa ? { input: inputFor(object, opa.parameters) } : object);
  return { body, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } };
}

function pushOf({ secret, branches }: NonNullable<Load['hook']>, nr: number): Post {
  const after = createHash('sha1').update(`${process.pid} ${performance.now()} ${nr}`).digest('hex');
  const body = JSON.stringify({ ref: `refs/heads/branch-${nr % branches}`, after });
  return { body, headers: { 'x-bylaw-signature': createHmac('sha256', secret).update(body).digest('hex') } };
}

function post(url: string, agent: Agent, { headers, body }: Post): Promise<void> {
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', agent, headers: all }, (answer) => {
      const { statusCode = 0 } = answer;
      answer.resume();
      answer.on('end', () => (statusCode < 300 ? resolve() : reject(new Error(String(statusCode)))));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
