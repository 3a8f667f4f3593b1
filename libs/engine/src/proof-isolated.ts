import { Worker } from 'node:worker_threads';
import type { Sample } from './fixture-judge.js';
import type { PolicyInfo } from './policy.js';
import type { ProofSlot } from './proof.js';

/** A proof did not end, or ended with more than its thread could take. */
export class ProofError extends Error {}

/**
 * Proves a policy that somebody else wrote, in a thread of its own under a deadline (H1). Its fixtures are made of the
 * samples: what it fails among them is transplanted into everything that it claims.
 * @param module that holds the policy
 * @param policy that is proved
 * @param samples objects to try it on, the author's own first
 * @param deadlineMs for all of it
 * @returns one slot for each kind, container list and parameter that it claims
 * @throws ProofError where it takes longer or more memory
 */
export async function proveIsolated(
  module: WebAssembly.Module,
  policy: PolicyInfo,
  samples: readonly Sample[],
  deadlineMs: number,
): Promise<{ slots: ProofSlot[] }> {
  const worker = new Worker(new URL('./proof-worker.js', import.meta.url), {
    workerData: { module, policy, samples },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<{ slots: ProofSlot[] }>((resolve, reject) => {
      timer = setTimeout(() => reject(new ProofError(`it took longer than ${deadlineMs} ms`)), deadlineMs);
      worker.on('message', resolve);
      worker.on('error', (error) => reject(new ProofError(error.message, { cause: error })));
      worker.on('exit', () => reject(new ProofError('its thread ended')));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
