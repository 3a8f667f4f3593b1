import { Worker } from 'node:worker_threads';
import { withLocate, type ManifestDocument } from './manifest-document.js';
import { ManifestRefusal, type ManifestErrorCode } from './manifest-limits.js';
import { wholeTextRefused, type ReadManifestsOptions } from './manifest-reader.js';
import type { ReadAnswer, ReadJob } from './manifest-worker.js';

/** So many texts are read at once; further ones wait. */
const MAX_WORKERS = 2;
const MEMORY_MB = 512;
const WORKER_FILE = new URL('./manifest-worker.js', import.meta.url);

interface Waiting {
  job: ReadJob;
  deadlineMs: number;
  resolve: (documents: ManifestDocument[]) => void;
  reject: (error: unknown) => void;
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** While a thread reads, it keeps the process alive; while it waits, it doesn't. */
async function answerOf(worker: Worker, job: ReadJob, deadlineMs: number): Promise<ReadAnswer | ManifestErrorCode> {
  worker.ref();
  const ended = new AbortController();
  const { signal } = ended;
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve('deadline'), deadlineMs);
      const died = (error: Error): void => (isOutOfMemory(error) ? resolve('limit_memory') : reject(error));
      const exited = (code: number): void => reject(new Error(`the reading thread ended with ${code}`));
      worker.on('message', resolve).on('error', died).on('exit', exited);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        worker.off('message', resolve).off('error', died).off('exit', exited);
      });
      worker.postMessage(job, []);
    });
  } finally {
    ended.abort();
    worker.unref();
  }
}

/** A thread that reads one text at a time, replaced when it had to be ended. */
class Reader {
  private worker: Worker | undefined;

  constructor(private readonly memoryMb: number) {}

  /** @returns the documents; a refusal of the whole text where the thread was ended or ran out of memory */
  async read({ job, deadlineMs }: Waiting): Promise<ManifestDocument[]> {
    const outcome = await answerOf(this.worker ?? this.start(), job, deadlineMs);
    if (typeof outcome !== 'string') return outcome.documents.map(withLocate);
    await this.end();
    const reason =
      outcome === 'deadline' ? `not read within ${deadlineMs} ms` : `reading it takes more than ${this.memoryMb} MB`;
    return [wholeTextRefused(new ManifestRefusal(outcome, `${reason}; split it`, 0), job.options)];
  }

  async end(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(WORKER_FILE, { resourceLimits: { maxOldGenerationSizeMb: this.memoryMb } });
    const forget = (): void => {
      if (this.worker === worker) this.worker = undefined;
    };
    worker.on('error', forget).on('exit', forget);
    this.worker = worker;
    return worker;
  }
}

/** Reads manifests in threads of its own, so that no text can stop or end the process. */
export class IsolatedManifestReader {
  private readonly idle: Reader[] = [];
  private readonly waiting: Waiting[] = [];
  private busy = 0;
  private lastId = 0;

  /**
   * @param workers how many threads at most
   * @param memoryMb megabytes of heap that one may take
   */
  constructor(
    private readonly workers: number = MAX_WORKERS,
    private readonly memoryMb: number = MEMORY_MB,
  ) {}

  /**
   * Like `readManifests`, but ended at a deadline.
   * @param text the manifest
   * @param options as of `readManifests`; positions are kept only where `positions` is true
   * @param deadlineMs milliseconds from the moment a thread takes it
   * @returns the documents; one invalid document `deadline` or `limit_memory` where the text could not be read
   */
  async read(
    text: string | Uint8Array,
    options: ReadManifestsOptions,
    deadlineMs: number,
  ): Promise<{ documents: ManifestDocument[] }> {
    const job: ReadJob = { id: ++this.lastId, text, options: { ...options, positions: options.positions ?? false } };
    const documents = await new Promise<ManifestDocument[]>((resolve, reject) => {
      this.waiting.push({ job, deadlineMs, resolve, reject });
      this.next();
    });
    return { documents };
  }

  /** Ends the threads; a later read starts new ones. */
  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((reader) => reader.end()));
  }

  private next(): void {
    if (this.busy >= this.workers) return;
    const waiting = this.waiting.shift();
    if (!waiting) return;
    this.busy++;
    const reader = this.idle.pop() ?? new Reader(this.memoryMb);
    const done = reader.read(waiting).finally(() => {
      this.busy--;
      this.idle.push(reader);
      this.next();
    });
    done.then(waiting.resolve, waiting.reject);
  }
}

const shared = new IsolatedManifestReader();

/**
 * Reads a manifest in a thread of the process's shared pool. See `IsolatedManifestReader.read`.
 * @param text the manifest
 * @param options as of `readManifests`; positions are kept only where `positions` is true
 * @param deadlineMs milliseconds
 */
export function readManifestsIsolated(
  text: string | Uint8Array,
  options: ReadManifestsOptions,
  deadlineMs: number,
): Promise<{ documents: ManifestDocument[] }> {
  return shared.read(text, options, deadlineMs);
}

/** Ends the shared pool's idle threads. */
export function closeManifestReaders(): Promise<void> {
  return shared.close();
}
