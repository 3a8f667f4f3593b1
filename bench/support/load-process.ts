import { Agent, request } from 'node:http';
import type { JsonObject } from '#kernel';
import { aDeployment } from './objects.js';
import { inputFor } from './opa-policies.js';

/** What one load is: so many connections that ask again once they are answered, or so many requests a second. */
export interface Load {
  /** Where objects are posted. */
  url: string;
  /** None: nobody asks for one. */
  key?: string;
  /** Posted as OPA's input, with these parameters. */
  opa?: { parameters: JsonObject };
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
async function carryOut({ url, key, opa, connections, perSecond, seconds }: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let errors = 0;
  let sent = 0;
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  const one = async (from: number): Promise<void> => {
    try {
      const object = aDeployment(10 * sent++);
      await post(url, key, agent, JSON.stringify(opa ? { input: inputFor(object, opa.parameters) } : object));
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

function post(url: string, key: string | undefined, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const asked = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(String(answer.statusCode)))));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
