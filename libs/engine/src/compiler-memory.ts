const PAGE_BYTES = 65_536;
const HEADER_BYTES = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;

/**
 * Gives a module's own memory a maximum, which a module that exports its memory can't be given from outside: what it
 * then can't have, it does without, instead of taking the machine's.
 * @param module a WebAssembly binary (W3C core specification, section 5.5) with one memory of its own
 * @param maxBytes rounded down to pages of 64 KiB; a smaller maximum that it has stays
 * @returns the module with its memory limited
 * @throws Error where it has no memory of its own, or begins with more
 */
export function withMemoryMaximum(module: Uint8Array, maxBytes: number): Uint8Array {
  let at = HEADER_BYTES;
  while (at < module.length) {
    const size = readUnsigned(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === MEMORY_SECTION) {
      const section = limitedSection(module.subarray(size.next, end), Math.floor(maxBytes / PAGE_BYTES));
      return Buffer.concat([module.subarray(0, at), section, module.subarray(end)]);
    }
    at = end;
  }
  throw new Error('the module has no memory of its own');
}

/** The content is a count, and for each memory flags, a minimum and, where the flags say so, a maximum. */
function limitedSection(content: Uint8Array, maxPages: number): Uint8Array {
  const count = readUnsigned(content, 0);
  if (count.value !== 1) throw new Error(`the module has ${count.value} memories`);
  const flags = readUnsigned(content, count.next);
  const minimum = readUnsigned(content, flags.next);
  const given =
    (flags.value & HAS_MAXIMUM) === 0 ? Number.POSITIVE_INFINITY : readUnsigned(content, minimum.next).value;
  if (minimum.value > maxPages) {
    throw new Error(`the module begins with ${minimum.value} pages of memory, more than the maximum of ${maxPages}`);
  }
  const limits = [1, flags.value | HAS_MAXIMUM, minimum.value, Math.min(given, maxPages)].flatMap(writeUnsigned);
  return Uint8Array.from([MEMORY_SECTION, ...writeUnsigned(limits.length), ...limits]);
}

/** LEB128, up to 32 bits. */
function readUnsigned(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  for (let at = from, factor = 1; ; at += 1, factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) throw new Error('the module is cut short');
    value += (byte & 127) * factor;
    if (byte < 128) return { value, next: at + 1 };
  }
}

function writeUnsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...writeUnsigned(Math.floor(value / 128))];
}
