/** Runs in a worker thread: writes one result. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ValidationResult } from '#contracts';
import { formatResult } from './formats.js';
import type { FormatJob } from './format-apart.js';

const { format, json, policies } = workerData as FormatJob;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(formatResult(format, JSON.parse(json) as ValidationResult, { policies }));
