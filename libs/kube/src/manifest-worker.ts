import { parentPort, type MessagePort } from 'node:worker_threads';
import type { ManifestDocumentData } from './manifest-document.js';
import { readManifests, type ReadManifestsOptions } from './manifest-reader.js';

/** What the worker is asked. */
export interface ReadJob {
  id: number;
  text: string | Uint8Array;
  options: ReadManifestsOptions;
}

/** What it answers: plain data, the positions moved rather than copied. */
export interface ReadAnswer {
  id: number;
  documents: ManifestDocumentData[];
}

function answer(port: MessagePort, { id, text, options }: ReadJob): void {
  const documents = readManifests(text, options).documents.map(
    ({ locate: _locate, ...data }): ManifestDocumentData => data,
  );
  const buffers = documents.flatMap(({ positions }) => (positions ? [positions.cells.buffer as ArrayBuffer] : []));
  port.postMessage({ id, documents } satisfies ReadAnswer, buffers);
}

const port = parentPort;
port?.on('message', (job: ReadJob) => answer(port, job));
