import { describe, expect, it } from '@jest/globals';
import { SharedReads } from './shared-reads.js';

/** Reads that end when the test says so. */
class Reads {
  readonly begun: ((answer: string | Error) => void)[] = [];

  readonly read = (): Promise<string> =>
    new Promise((resolve, reject) => {
      this.begun.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('reads that are shared', () => {
  it('never answers with what was read before it was asked', async () => {
    const shared = new SharedReads();
    const reads = new Reads();
    const first = shared.of('key', reads.read);
    const late = [shared.of('key', reads.read), shared.of('key', reads.read)];
    reads.begun[0]?.('old');
    expect(await first).toBe('old');
    await settled();
    expect(reads.begun).toHaveLength(2);
    const later = shared.of('key', reads.read);
    reads.begun[1]?.('new');
    expect(await Promise.all(late)).toEqual(['new', 'new']);
    await settled();
    reads.begun[2]?.('newest');
    expect(await later).toBe('newest');
  });

  it('begins at once for another key, and again when all have been answered', async () => {
    const shared = new SharedReads();
    const reads = new Reads();
    const both = [shared.of('one', reads.read), shared.of('another', reads.read)];
    for (const end of reads.begun) end('read');
    expect(await Promise.all(both)).toEqual(['read', 'read']);
    await settled();
    const again = shared.of('one', reads.read);
    reads.begun[2]?.('read again');
    expect(await again).toBe('read again');
  });

  it('tells a fault to those who share it, and to nobody else', async () => {
    const shared = new SharedReads();
    const reads = new Reads();
    const first = shared.of('key', reads.read);
    const next = shared.of('key', reads.read);
    reads.begun[0]?.(new Error('the connection is gone'));
    await expect(first).rejects.toThrow('the connection is gone');
    await settled();
    reads.begun[1]?.('read');
    expect(await next).toBe('read');
  });
});
