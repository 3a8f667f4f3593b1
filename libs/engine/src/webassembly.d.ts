/**
 * The part of the WebAssembly JavaScript interface (W3C) that the engine uses: TypeScript has it in its library for
 * browsers only.
 */
declare namespace WebAssembly {
  type ImportValue = Memory | Global | ((...args: number[]) => number | void | undefined) | object;
  type ModuleImports = Record<string, ImportValue>;

  class Module {
    private readonly compiled: unique symbol;
    constructor(bytes: Uint8Array);
  }

  class Instance {
    readonly exports: Record<string, unknown>;
    constructor(module: Module, imports?: Record<string, ModuleImports | object>);
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    constructor(descriptor: { initial: number; maximum?: number });
  }

  class Global {
    readonly value: unknown;
  }

  class RuntimeError extends Error {}

  class CompileError extends Error {}

  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports?: Record<string, ModuleImports | object>): Promise<Instance>;
}
