/** Runs in a worker thread: writes one result. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FormatJob, formatJson } from './format-apart.js';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(formatJson(workerData as FormatJob));
