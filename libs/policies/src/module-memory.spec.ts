import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '#kernel';
import { ModuleMemory } from './module-memory.js';

const MINUTE = 60_000;

function counted(certain: boolean) {
  const clock = new FakeClock(0);
  const memory = new ModuleMemory<{ certain: boolean; made: number }>(2, () => clock.now());
  let made = 0;
  const ask = (key: string) => memory.getOrMake(key, () => Promise.resolve({ certain, made: (made += 1) }));
  return { clock, memory, ask };
}

describe('modules that a process remembers', () => {
  it('are made once, however many ask', async () => {
    const { clock, ask } = counted(true);
    const [one, two] = await Promise.all([ask('a'), ask('a')]);
    expect(two).toBe(one);
    clock.advance(1_000 * MINUTE);
    expect(await ask('a')).toBe(one);
  });

  it('are made again after ten minutes where it is not certain that they are right', async () => {
    const { clock, ask } = counted(false);
    const first = await ask('a');
    clock.advance(9 * MINUTE);
    expect(await ask('a')).toBe(first);
    clock.advance(MINUTE);
    expect((await ask('a')).made).toBe(2);
  });

  it('are made again at once where making them failed', async () => {
    const { memory, ask } = counted(true);
    await expect(memory.getOrMake('a', () => Promise.reject(new Error('no database')))).rejects.toThrow('no database');
    expect((await ask('a')).made).toBe(1);
  });

  it('are forgotten, the least recently used first', async () => {
    const { memory, ask } = counted(true);
    for (const key of ['a', 'b', 'a', 'c']) await ask(key);
    expect([memory.get('a'), memory.get('b'), memory.get('c')].map((made) => made !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });
});
