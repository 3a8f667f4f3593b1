import type { LibrarySource, PolicyInfo, PolicySource, TestSource } from './policy.js';

/** One error at the author's own place; rows and columns count from 1, and are 0 where there is none. */
export interface CompileProblem {
  slug?: string;
  file?: string;
  row: number;
  col: number;
  /** OPA's code (`rego_parse_error`, `rego_type_error`…) or one of ours (`bylaw_…`). */
  code: string;
  message: string;
  /** Where the metadata given beside the source is wrong: JSON pointer into it; row and column are 0. */
  pointer?: string;
}

export interface CompileRequest {
  lib: LibrarySource[];
  policies: PolicySource[];
}

export interface CheckResult {
  ok: boolean;
  errors: CompileProblem[];
  policies: PolicyInfo[];
  /** The functions that a module of these policies asks its host for. */
  builtins: string[];
}

export interface CompileResult extends CheckResult {
  /** The module; absent where there are errors. */
  wasm?: Uint8Array;
}

export interface RegoTestResult {
  slug?: string;
  name: string;
  file: string;
  row: number;
  pass: boolean;
  message?: string;
}

export interface FileCoverage {
  slug?: string;
  file: string;
  covered: number[];
  not_covered: number[];
  /** 0 to 1, by lines. */
  covered_share: number;
}

/** A file as it is to be written. */
export interface FormattedFile {
  slug?: string;
  file: string;
  source: string;
}

export interface TestRunResult {
  ok: boolean;
  errors: CompileProblem[];
  tests: RegoTestResult[];
  coverage: FileCoverage[];
}

export interface GoEvaluation {
  ok: boolean;
  errors: CompileProblem[];
  defined: boolean;
  result?: unknown;
  /** What `print` wrote, and the trace where it was asked for; cut at 256 KiB, which its last line then says. */
  output: string;
}

export interface CompilerVersions {
  opa: string;
  go: string;
  /** Supplied by the host of the module. */
  host_builtins: string[];
  /** Brought by OPA's WASM runtime. */
  native_builtins: string[];
  /** Taken out by the compiler. */
  erased_builtins: string[];
  /** All of this OPA, with how many arguments each takes: what is in none of the lists is refused. */
  all_builtins: Record<string, number>;
}

/** What goes to the WASI program. */
export interface CompilerCall {
  op: 'check' | 'compile' | 'test' | 'eval' | 'format' | 'version';
  lib?: LibrarySource[];
  policies?: PolicySource[];
  tests?: TestSource[];
  input?: unknown;
  query?: string;
  explain?: boolean;
  coverage?: boolean;
}

/** What comes back; members that don't belong to the operation are absent. */
export interface CompilerAnswer {
  ok: boolean;
  errors: CompileProblem[];
  policies?: Omit<PolicyInfo, 'source_digest'>[];
  builtins?: string[];
  /** Base64. */
  wasm?: string;
  tests?: RegoTestResult[];
  coverage?: FileCoverage[];
  formatted?: FormattedFile[];
  defined?: boolean;
  result?: unknown;
  output?: string;
}
