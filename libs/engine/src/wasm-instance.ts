import type { HostBuiltin } from './builtin.js';
import { OperandError } from './builtin-operands.js';
import { HOST_BUILTINS } from './builtins.js';
import { refuseLongAnswer } from './answer-limits.js';
import { EvaluationError, OUT_OF_MEMORY } from './evaluation-error.js';
import { refuseBulk } from './host-limits.js';
import { formatRegoValue, parseRegoValue, type RegoValue } from './rego-value.js';

const PAGE_BYTES = 65_536;

interface OpaExports {
  opa_eval(
    reserved: number,
    entrypoint: number,
    data: number,
    input: number,
    length: number,
    heap: number,
    wantValue: number,
  ): number;
  opa_malloc(size: number): number;
  opa_heap_ptr_get(): number;
  opa_heap_ptr_set(address: number): void;
  opa_json_parse(address: number, length: number): number;
  opa_json_dump(address: number): number;
  opa_value_parse(address: number, length: number): number;
  opa_value_dump(address: number): number;
  builtins(): number;
  opa_wasm_abi_version: WebAssembly.Global;
}

/**
 * One instance of a compiled policy module, by OPA's WASM ABI 1.x (https://www.openpolicyagent.org/docs/wasm). Memory
 * has a maximum, which the limits of a worker thread do not set.
 */
export class WasmInstance {
  private readonly memory: WebAssembly.Memory;
  private readonly exports: OpaExports;
  private readonly builtins: (HostBuiltin | string)[];
  private readonly dataAddress: number;
  private readonly heapBase: number;
  private buffer: Buffer;

  /**
   * @param module made by the Rego compiler
   * @param memoryMaxBytes the most that evaluations may take, rounded down to pages of 64 KiB
   * @throws EvaluationError where the module does not fit into the memory or speaks another ABI
   */
  constructor(
    module: WebAssembly.Module,
    private readonly memoryMaxBytes: number,
  ) {
    this.memory = newMemory(memoryMaxBytes);
    this.buffer = Buffer.from(this.memory.buffer);
    this.builtins = [];
    this.exports = this.instantiate(module);
    if (this.exports.opa_wasm_abi_version.value !== 1) throw new EvaluationError('the module speaks another ABI');
    const wanted = this.readJson(this.exports.opa_json_dump(this.exports.builtins())) as Record<string, number>;
    for (const [name, id] of Object.entries(wanted)) this.builtins[id] = HOST_BUILTINS.get(name) ?? name;
    this.dataAddress = this.exports.opa_json_parse(...this.write('{}'));
    this.heapBase = this.exports.opa_heap_ptr_get();
  }

  /**
   * Evaluates the module's entry point once, on a heap that is as after start-up.
   * @param inputJson the input document
   * @returns what OPA answers, as JSON: `[{"result": <the entry point's value>}]`, or `[]` where it has none
   * @throws EvaluationError whatever went wrong: a conflict, exhausted memory or stack, a missing host function, too
   * long an answer
   */
  evaluate(inputJson: string): string {
    try {
      const { opa_eval, opa_heap_ptr_get, opa_heap_ptr_set } = this.exports;
      opa_heap_ptr_set(this.heapBase);
      const [address, length] = this.write(inputJson);
      const answer = opa_eval(0, 0, this.dataAddress, address, length, opa_heap_ptr_get(), 0);
      const bytes = this.lengthAt(answer);
      refuseLongAnswer(bytes);
      return this.view().toString('utf8', answer, answer + bytes);
    } catch (error) {
      throw error instanceof EvaluationError ? error : new EvaluationError(reasonOf(error), error);
    }
  }

  /** What the memory has grown to, in bytes; it never shrinks. */
  get memoryBytes(): number {
    return this.memory.buffer.byteLength;
  }

  private instantiate(module: WebAssembly.Module): OpaExports {
    try {
      return new WebAssembly.Instance(module, { env: this.imports() }).exports as unknown as OpaExports;
    } catch (error) {
      throw new EvaluationError(
        `the module does not fit: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
    }
  }

  private imports(): WebAssembly.ModuleImports {
    const call = (id: number, _context: number, ...args: number[]) => this.callBuiltin(id, args);
    return {
      memory: this.memory,
      opa_abort: (address: number) => {
        throw new EvaluationError(this.abortReason(this.readText(address)));
      },
      opa_println: () => undefined,
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    };
  }

  private callBuiltin(id: number, args: number[]): number {
    const builtin = this.builtins[id];
    if (typeof builtin !== 'function') throw new EvaluationError(`the host lacks the function ${builtin ?? id}`);
    const texts = args.map((address) => this.readText(this.exports.opa_value_dump(address)));
    refuseBulk(texts.reduce((sum, text) => sum + text.length, 0));
    const result = outcome(builtin, texts);
    if (result === undefined) return 0;
    const written = formatRegoValue(result);
    refuseBulk(written.length);
    return this.exports.opa_value_parse(...this.write(written));
  }

  /** Lone surrogates, which OPA can't read, become U+FFFD as in Go. */
  private write(text: string): [address: number, length: number] {
    const wellFormed = text.includes('\\ud') ? text.replace(LONE_SURROGATE, '$1\\ufffd') : text;
    const length = Buffer.byteLength(wellFormed);
    const address = this.exports.opa_malloc(length);
    this.view().write(wellFormed, address, length, 'utf8');
    return [address, length];
  }

  private readJson(address: number): unknown {
    return JSON.parse(this.readText(address)) as unknown;
  }

  private readText(address: number): string {
    return this.view().toString('utf8', address, address + this.lengthAt(address));
  }

  /** Of a text that ends with NUL, in bytes. */
  private lengthAt(address: number): number {
    return this.view().indexOf(0, address) - address;
  }

  private abortReason(message: string): string {
    if (message.startsWith('opa_malloc')) {
      return `${OUT_OF_MEMORY}: the policy needed more than ${Math.floor(this.memoryMaxBytes / 2 ** 20)} MiB`;
    }
    const place = message.replace(/^@policies\/[^/]*\//, '').replace(/^@lib\/\//, '');
    if (message.includes('var assignment conflict')) {
      return `eval_conflict_error: a complete rule or a function has more than one value (${place})`;
    }
    if (message.includes('object insert conflict')) {
      return `eval_conflict_error: an object has more than one value for one key (${place})`;
    }
    return `the policy failed: ${place}`;
  }

  private view(): Buffer {
    if (this.buffer.buffer !== this.memory.buffer) this.buffer = Buffer.from(this.memory.buffer);
    return this.buffer;
  }
}

/** Address 0, which undefined becomes, makes the calling expression undefined. */
function outcome(builtin: HostBuiltin, texts: readonly string[]): RegoValue | undefined {
  try {
    return builtin(...texts.map(parseRegoValue));
  } catch (error) {
    if (error instanceof OperandError) return undefined;
    throw error;
  }
}

/** JSON.stringify escapes a surrogate only where it stands alone. */
const LONE_SURROGATE = /((?:^|[^\\])(?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/** The module's own data is a few pages; OPA's compiler declares a minimum that grows with the policies. */
function newMemory(maxBytes: number): WebAssembly.Memory {
  const maximum = Math.floor(maxBytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: Math.min(32, maximum), maximum });
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError && /call stack/i.test(error.message)) return 'recursion is too deep';
  if (error instanceof WebAssembly.RuntimeError) return `the policy failed: ${error.message}`;
  return `the policy failed: ${error instanceof Error ? error.message : String(error)}`;
}
