import { describe, expect, it } from '@jest/globals';
import { withMemoryMaximum } from './compiler-memory.js';

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A type section, which stands before the memory's. */
const TYPES = [1, 4, 1, 0x60, 0, 0];
/** `(export "m" (memory 0))`, which stands behind it. */
const EXPORTS = [7, 5, 1, 1, 0x6d, 2, 0];
const MIB = 1024 * 1024;

const aModule = (...memory: number[]) => Uint8Array.from([...HEADER, ...TYPES, ...memory, ...EXPORTS]);
const memoryOf = (module: Uint8Array) =>
  new WebAssembly.Instance(new WebAssembly.Module(module)).exports['m'] as { grow(pages: number): number };

describe('withMemoryMaximum', () => {
  it.each([
    ['none', [5, 3, 1, 0, 2]],
    ['a larger one', [5, 5, 1, 1, 2, 128, 8]],
  ])('lets a module that had %s not grow beyond it', (_which, section) => {
    const memory = memoryOf(withMemoryMaximum(aModule(...section), 16 * MIB));
    expect(memory.grow(254)).toBe(2);
    expect(() => memory.grow(1)).toThrow();
  });

  it('keeps a smaller maximum', () => {
    const memory = memoryOf(withMemoryMaximum(aModule(5, 4, 1, 1, 2, 3), 16 * MIB));
    expect(memory.grow(1)).toBe(2);
    expect(() => memory.grow(1)).toThrow();
  });

  it('refuses what it can’t limit', () => {
    expect(() => withMemoryMaximum(aModule(), MIB)).toThrow('no memory of its own');
    expect(() => withMemoryMaximum(aModule(5, 4, 1, 0, 128, 8), MIB)).toThrow('begins with 1024 pages');
    expect(() => withMemoryMaximum(aModule(5, 3, 1, 0, 2).subarray(0, 16), MIB)).toThrow('cut short');
  });
});
