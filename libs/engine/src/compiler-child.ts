/**
 * Runs in a process of its own, forked by RegoCompiler: OPA's compiler under node:wasi. It takes 380 MB while it
 * compiles and gives none of it back, so the process ends when idle.
 */
import { WASI } from 'node:wasi';
import { brotliDecompressSync } from 'node:zlib';
import { readCompilerArtefact } from './compiler-artefact.js';

interface CompilerExports {
  memory: WebAssembly.Memory;
  alloc(length: number): number;
  free(address: number): void;
  call(address: number, length: number): bigint;
}

async function startCompiler(): Promise<(request: string) => string> {
  const wasi = new WASI({ version: 'preview1', args: ['rego-compiler'], env: {} });
  const module = await WebAssembly.compile(brotliDecompressSync(readCompilerArtefact()));
  const instance = await WebAssembly.instantiate(module, wasi.getImportObject() as Record<string, object>);
  wasi.initialize(instance);
  const exports = instance.exports as unknown as CompilerExports;
  return (request) => {
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
}

const compiler = await startCompiler();
process.on('message', ({ id, request }: { id: number; request: string }) => {
  process.send?.({ id, answer: compiler(request) });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
