/**
 * Runs in a process of its own, forked by RegoCompiler: OPA's compiler under node:wasi. It takes 380 MB while it
 * compiles and gives none of it back, so the process ends when idle. Its argument is the most memory that it may take,
 * in bytes.
 */
import { WASI } from 'node:wasi';
import { brotliDecompressSync } from 'node:zlib';
import { readCompilerArtefact } from './compiler-artefact.js';
import { withMemoryMaximum } from './compiler-memory.js';
import type { CompilerAnswer } from './compiler-protocol.js';

interface CompilerExports {
  memory: WebAssembly.Memory;
  alloc(length: number): number;
  free(address: number): void;
  call(address: number, length: number): bigint;
}

/** Go collects garbage harder from here on, before memory that it can't have ends it. */
const SOFT_SHARE = 0.8;

/** Go's runtime asks for memory in large steps: what is left when it dies of none. */
const LAST_STEP_BYTES = 64 * 1024 * 1024;

interface Compiler {
  memory: WebAssembly.Memory;
  ask(request: string): string;
}

async function startCompiler(module: WebAssembly.Module, memoryMaxBytes: number): Promise<Compiler> {
  const env = { GOMEMLIMIT: String(Math.floor(memoryMaxBytes * SOFT_SHARE)) };
  const wasi = new WASI({ version: 'preview1', args: ['rego-compiler'], env });
  const instance = await WebAssembly.instantiate(module, wasi.getImportObject() as Record<string, object>);
  wasi.initialize(instance);
  const exports = instance.exports as unknown as CompilerExports;
  const ask = (request: string): string => {
    const length = Buffer.byteLength(request);
    const address = exports.alloc(length);
    Buffer.from(exports.memory.buffer).write(request, address, 'utf8');
    const packed = exports.call(address, length);
    exports.free(address);
    const [outAddress, outLength] = [Number(packed >> 32n), Number(packed & 0xffff_ffffn)];
    const answer = Buffer.from(exports.memory.buffer).toString('utf8', outAddress, outAddress + outLength);
    exports.free(outAddress);
    return answer;
  };
  return { memory: exports.memory, ask };
}

/** What the limits of a source don't foresee: thousands of rules, each on the next. */
const TOO_DEEP: CompilerAnswer = {
  ok: false,
  errors: [
    {
      row: 0,
      col: 0,
      code: 'bylaw_too_deep',
      message:
        'the rules depend on each other, or nest, more deeply than can be compiled: make the longest chain shorter',
    },
  ],
};

const memoryMaxBytes = Number(process.argv[2]);
const artefact = brotliDecompressSync(readCompilerArtefact());
const module = await WebAssembly.compile(withMemoryMaximum(artefact, memoryMaxBytes));
let compiler = await startCompiler(module, memoryMaxBytes);

/**
 * An instance whose stack overflowed in its middle is of no use any more. Go, out of memory, overflows it too while it
 * says so: then the process ends, and RegoCompiler tells by what it wrote.
 */
async function answerTo(request: string): Promise<string> {
  try {
    return compiler.ask(request);
  } catch (error) {
    if (!(error instanceof RangeError && /call stack/i.test(error.message))) throw error;
    if (compiler.memory.buffer.byteLength > memoryMaxBytes - LAST_STEP_BYTES)
      throw new Error('out of memory', { cause: error });
    compiler = await startCompiler(module, memoryMaxBytes);
    return JSON.stringify(TOO_DEEP);
  }
}

process.on('message', ({ id, request }: { id: number; request: string }) => {
  void answerTo(request).then((text) => process.send?.({ id, answer: text }));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
