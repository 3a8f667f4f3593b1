import { describe, expect, it } from '@jest/globals';
import { BusyError } from './busy-error.js';
import { FairSlots } from './fair-slots.js';

/** Work that ends when it is told to, and notes when it begins. */
function workshop(slots: FairSlots) {
  const begun: string[] = [];
  const endings = new Map<string, () => void>();
  const run = (owner: string, name: string): Promise<string> =>
    slots.run(owner, () => {
      begun.push(name);
      return new Promise((resolve) => endings.set(name, () => resolve(name)));
    });
  const end = async (name: string): Promise<void> => {
    endings.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, run, end };
}

describe('FairSlots', () => {
  it('lets so many run at a time, and owners take turns', async () => {
    const { begun, run, end } = workshop(new FairSlots(2, 5));
    const all = [run('a', 'a1'), run('a', 'a2'), run('a', 'a3'), run('a', 'a4'), run('b', 'b1')];
    await end('');
    expect(begun).toEqual(['a1', 'a2']);
    await end('a1');
    await end('a2');
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1']);
    for (const name of ['a3', 'b1', 'a4']) await end(name);
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1']);
  });

  it('refuses an owner’s next where too much of his waits, and nobody else’s', async () => {
    const { run, end } = workshop(new FairSlots(1, 1));
    const all = [run('a', 'a1'), run('a', 'a2')];
    await expect(run('a', 'a3')).rejects.toThrow(BusyError);
    all.push(run('b', 'b1'));
    for (const name of ['a1', 'a2', 'b1']) await end(name);
    await Promise.all(all);
    const later = run('a', 'a4');
    await end('');
    await end('a4');
    expect(await later).toBe('a4');
  });

  it('gives the place of work that fails to the next', async () => {
    const slots = new FairSlots(1, 1);
    const failing = slots.run('a', () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(await slots.run('a', () => Promise.resolve(1))).toBe(1);
  });
});
