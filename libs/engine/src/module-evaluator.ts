import type { JsonObject } from '#kernel';
import { readVerdicts } from './answer-limits.js';
import { EvaluationError } from './evaluation-error.js';
import { errorVerdict, type EvaluationRequest, type PolicyVerdict } from './verdict.js';
import { WasmInstance } from './wasm-instance.js';

/** Shorter lists are written out faster than they are remembered. */
const LONG_LIST = 100;
/** 64 MiB: the largest objects that Kubernetes stores (1.5 MiB) leave 40 times their size for evaluation. */
export const DEFAULT_MEMORY_MAX_BYTES = 64 * 1024 * 1024;

export interface ModuleEvaluatorOptions {
  /** The most memory that one evaluation may take, in bytes; 64 MiB unless given. */
  memoryMaxBytes?: number;
}

/**
 * Judges objects in the calling thread, one after another: for the CLI, fixtures and proofs. It has no deadline: what
 * tenants wrote runs in an EvaluationPool.
 */
export class ModuleEvaluator {
  private instance: WasmInstance | undefined;
  private readonly memoryMaxBytes: number;

  /**
   * @param module made by the Rego compiler
   */
  constructor(
    private readonly module: WebAssembly.Module,
    options: ModuleEvaluatorOptions = {},
  ) {
    this.memoryMaxBytes = options.memoryMaxBytes ?? DEFAULT_MEMORY_MAX_BYTES;
  }

  /**
   * Judges one object by the policies that are keys of `params`. A policy that throws gets the verdict `error`; the
   * others keep theirs (H2).
   * @returns one verdict a policy, in the order of the keys
   */
  evaluate(request: EvaluationRequest): PolicyVerdict[] {
    return this.evaluateJson(Object.keys(request.params), inputJson(request));
  }

  /**
   * The same for an input that is text already.
   * @param policies the keys of the input's `params`
   * @param input made by inputJson
   */
  evaluateJson(policies: readonly string[], input: string): PolicyVerdict[] {
    try {
      return this.judge(policies, input);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return this.halve(policies, JSON.parse(input) as EvaluationRequest, error);
    }
  }

  /**
   * Lets go of an instance whose memory has grown: it never shrinks again.
   * @param bytes that it may keep
   */
  releaseBeyond(bytes: number): void {
    if (this.instance !== undefined && this.instance.memoryBytes > bytes) this.instance = undefined;
  }

  private judge(policies: readonly string[], input: string): PolicyVerdict[] {
    try {
      this.instance ??= new WasmInstance(this.module, this.memoryMaxBytes);
      return readVerdicts(policies, this.instance.evaluate(input));
    } catch (error) {
      this.instance = undefined;
      throw error;
    }
  }

  private halve(policies: readonly string[], request: EvaluationRequest, error: EvaluationError): PolicyVerdict[] {
    const [only] = policies;
    if (policies.length === 1 && only !== undefined) return [errorVerdict(only, error.reason)];
    const middle = Math.ceil(policies.length / 2);
    return [policies.slice(0, middle), policies.slice(middle)].flatMap((half) =>
      this.evaluateJson(half, inputJson(narrow(request, half))),
    );
  }
}

/** An input document in two texts: what lies beside an object may be long, and stays the same when its fixes are tried. */
export interface EvaluationInput {
  /** JSON of the review, the parameters and the context. */
  asked: string;
  /** JSON of the related objects. */
  related: string;
}

/**
 * @param request what is to be judged
 * @returns the input document of the module's entry point (E3), in its two parts
 */
export function inputOf(request: EvaluationRequest): EvaluationInput {
  const { review, params, related = {}, context = {} } = request;
  const policies = Object.entries(related).map(([slug, relations]) => {
    const members = Object.entries(relations).map(([name, objects]) => `${JSON.stringify(name)}:${textOf(objects)}`);
    return `${JSON.stringify(slug)}:{${members.join(',')}}`;
  });
  return {
    asked: `{"review":${JSON.stringify(review)},${paramsText(params)},"context":${JSON.stringify(context)}}`,
    related: `{${policies.join(',')}}`,
  };
}

/** @returns the two parts as one document */
export function joinInput({ asked, related }: EvaluationInput): string {
  return `${asked.slice(0, -1)},"related":${related}}`;
}

/**
 * @param request what is to be judged
 * @returns the input document of the module's entry point (E3)
 */
export function inputJson(request: EvaluationRequest): string {
  return joinInput(inputOf(request));
}

const paramsTexts = new WeakMap<EvaluationRequest['params'], string>();

/** Many objects are judged by the same policies with the same parameters: these are written out once. */
function paramsText(params: EvaluationRequest['params']): string {
  const text =
    paramsTexts.get(params) ?? `"items":${JSON.stringify(Object.keys(params))},"params":${JSON.stringify(params)}`;
  paramsTexts.set(params, text);
  return text;
}

const texts = new WeakMap<readonly JsonObject[], string>();

/** Long lists are shown to one object after another: each is written out once. */
function textOf(objects: readonly JsonObject[]): string {
  if (objects.length < LONG_LIST) return JSON.stringify(objects);
  const text = texts.get(objects) ?? JSON.stringify(objects);
  texts.set(objects, text);
  return text;
}

/**
 * @param policies some of the request's, or all
 * @returns the same request for these policies only
 */
export function narrow(request: EvaluationRequest, policies: readonly string[]): EvaluationRequest {
  if (policies.length === Object.keys(request.params).length) return request;
  return { ...request, params: Object.fromEntries(policies.map((policy) => [policy, request.params[policy] ?? {}])) };
}
