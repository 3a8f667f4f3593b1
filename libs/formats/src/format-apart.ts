import pLimit from 'p-limit';
import { Worker } from 'node:worker_threads';
import type { ValidationResult } from '#contracts';
import { formatResult, type ResultFormat } from './formats.js';
import type { ResultContext } from './result-context.js';

/** What is written at once, in bytes of JSON: a starting thread costs as much as about so many. */
const SHORT = 500_000;
/** Long results that are written at the same time; each takes several times its length of memory. */
const AT_ONCE = 2;
const MEMORY_MB = 1_024;

const turns = pLimit(AT_ONCE);

/** What a thread is started with. */
export interface FormatJob {
  format: ResultFormat;
  json: Uint8Array;
  policies: NonNullable<ResultContext['policies']>;
}

/**
 * Writes a result for a consumer, as `formatResult` does; a long one in a thread of its own, so that nobody else has to
 * wait for it.
 * @param format what the consumer reads
 * @param json the result of a validation as JSON, in UTF-8
 * @param policies what they say of themselves, by slug
 * @throws Error where it takes more memory than a thread gets
 */
export async function formatApart(
  format: ResultFormat,
  json: Uint8Array,
  policies: FormatJob['policies'],
): Promise<string> {
  if (json.length <= SHORT) return formatJson({ format, json, policies });
  return turns(() => inThread({ format, json, policies }));
}

/** Reads a result, and writes it. */
export function formatJson({ format, json, policies }: FormatJob): string {
  const result = JSON.parse(new TextDecoder().decode(json)) as ValidationResult;
  return formatResult(format, result, { policies });
}

async function inThread(job: FormatJob): Promise<string> {
  const worker = new Worker(new URL('./format-worker.js', import.meta.url), {
    workerData: job,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the writing thread ended with ${code}`)));
    });
  } finally {
    await worker.terminate();
  }
}
