import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { CliError } from './cli-error.js';
import { causeOf, refusalOf } from './server.js';

const SHOWN_EVERY_MS = 200;

/**
 * Asks the platform for a file, and puts it where it belongs as it comes. A named file is there whole or not at all.
 * @param url of the route
 * @param key an API key
 * @param out path of the file; none: standard output
 * @throws CliError 2 where it is refused, breaks off or can't be written
 */
export async function download(url: URL, key: string, out: string | undefined): Promise<void> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new CliError('interrupted', 2));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    const body = await ask(url, key, stopped.signal);
    await (out === undefined
      ? pipeline(body, counting(), process.stdout, { end: false, signal: stopped.signal })
      : intoFile(body, out, stopped.signal));
  } catch (error) {
    stopped.signal.throwIfAborted();
    if (error instanceof CliError) throw error;
    // Who reads no further has read enough.
    if (out === undefined && (error as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw new CliError(`the export is not whole: ${causeOf(error)}`, 2);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
}

async function ask(url: URL, key: string, signal: AbortSignal): Promise<Readable> {
  let response: Response;
  try {
    // A key is sent to the server that was named, and to no other.
    response = await fetch(url, { headers: { authorization: `Bearer ${key}` }, redirect: 'error', signal });
  } catch (error) {
    throw new CliError(`no answer from ${url.origin}: ${causeOf(error)}`, 2);
  }
  if (response.ok && response.body !== null) return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  throw await refusalOf(response);
}

async function intoFile(body: Readable, out: string, signal: AbortSignal): Promise<void> {
  const part = `${out}.${process.pid}.part`;
  try {
    await pipeline(body, counting(), createWriteStream(part, { flags: 'wx', flush: true }), { signal });
    await rename(part, out);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Passes everything on; on a terminal it shows how much that was. */
function counting(): PassThrough {
  const through = new PassThrough();
  if (process.stderr.isTTY !== true) return through;
  let bytes = 0;
  const show = (): void => void process.stderr.write(`\r${(bytes / 1e6).toFixed(1)} MB`);
  const timer = setInterval(show, SHOWN_EVERY_MS);
  through.on('data', (chunk: Buffer) => (bytes += chunk.length));
  through.once('close', () => {
    clearInterval(timer);
    show();
    process.stderr.write('\n');
  });
  return through;
}
