import { Agent, request } from 'node:http';
import { aDeployment } from './objects.js';

/** What one load is: so many connections that ask again once they are answered, or so many requests a second. */
export interface Load {
  url: string;
  key: string;
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
async function carryOut({ url, key, connections, perSecond, seconds }: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let errors = 0;
  let sent = 0;
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  const one = async (from: number): Promise<void> => {
    try {
      await post(`${url}/api/v1/validate`, key, agent, JSON.stringify(aDeployment(10 * sent++)));
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

function post(url: string, key: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
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
