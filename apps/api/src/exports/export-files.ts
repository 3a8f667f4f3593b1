import { once } from 'node:events';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Chunk, Scope } from '#kernel';
import { MEDIA_TYPES, writerOf, type ExportFormat, type ExportTable } from './export-format.js';
import { ExportSlots } from './export-slots.js';

/** A client that takes nothing for this long is gone: what it reads from must not stay open for it. */
const STALLED_MS = 45_000;

/** Answers with files of any length: as fast as the client takes them, one part at a time in memory. */
@Injectable()
export class ExportFiles {
  constructor(private readonly slots: ExportSlots) {}

  /**
   * Sends a file. Nothing is sent before the first part was read, so that a refusal is a problem document; what fails
   * later cuts the connection, so that no half file looks like a whole one.
   * @param scope who asks
   * @param response to send it by
   * @param file what it holds, how it is written
   * @param read is given the signal of its end; at least one part comes, which may be empty
   * @throws AppError `too_many_requests`, `unavailable`; whatever `read` throws
   */
  async send<Item>(
    scope: Scope,
    response: Response,
    file: { format: ExportFormat; table: ExportTable<Item>; bom: boolean },
    read: (signal: AbortSignal) => AsyncIterable<Chunk<Item>>,
  ): Promise<void> {
    const { format, table, bom } = file;
    const writer = writerOf(format, table, bom);
    await this.slots.use(scope.orgId, response, async (signal) => {
      for await (const { at, items } of read(signal)) {
        if (!response.headersSent) begin(response, format, `bylaw-${table.name}-${fileTime(at)}.${format}`);
        if (response.req.method === 'HEAD') break;
        await write(response, writer.part(items), signal);
        // The promise that brought them is long in the heap's old part: with them in it, an export takes twice the memory.
        items.length = 0;
      }
      response.end(writer.end());
    });
  }

  /**
   * Sends a file that is one JSON document.
   * @param scope who asks
   * @param response to send it by
   * @param name part of the file's name
   * @param read the document, and the moment in the file's name
   * @throws AppError `too_many_requests`, `unavailable`; whatever `read` throws
   */
  async sendDocument(
    scope: Scope,
    response: Response,
    name: string,
    read: () => Promise<{ at: Date; document: object }>,
  ): Promise<void> {
    await this.slots.use(scope.orgId, response, async (signal) => {
      const { at, document } = await read();
      signal.throwIfAborted();
      begin(response, 'json', `bylaw-${name}-${fileTime(at)}.json`);
      response.end(response.req.method === 'HEAD' ? undefined : `${JSON.stringify(document)}\n`);
    });
  }
}

function begin(response: Response, format: ExportFormat, name: string): void {
  response.setHeader('Content-Type', MEDIA_TYPES[format]);
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  response.setHeader('Cache-Control', 'no-store');
  response.flushHeaders();
}

/** @returns the moment as every file system takes it: 2026-11-29T02-15-00Z */
function fileTime(at: Date): string {
  return at.toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
}

async function write(response: Response, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (text === '' || response.write(text)) return;
  const stalled = setTimeout(() => response.destroy(), STALLED_MS);
  try {
    await once(response, 'drain', { signal });
  } finally {
    clearTimeout(stalled);
  }
}
