import type { PolicyInfo } from './policy.js';

/** A compiled module that an EvaluationPool judges by. */
export interface PolicyModule {
  /** Of its content: a new version has a new one. */
  readonly key: string;
  /** Whose it is: waiting evaluations are taken round robin by owner. */
  readonly owner: string;
  readonly module: WebAssembly.Module;
  /** By slug. */
  readonly policies: ReadonlyMap<string, PolicyInfo>;
}

/**
 * @param parts.key of the content, such as its digest
 * @param parts.owner an organization, or the platform itself
 * @param parts.wasm what the Rego compiler made, as bytes or compiled already
 * @param parts.policies those that it was made of
 * @throws WebAssembly.CompileError where the bytes are no module
 */
export function policyModule(parts: {
  key: string;
  owner: string;
  wasm: Uint8Array | WebAssembly.Module;
  policies: readonly PolicyInfo[];
}): PolicyModule {
  const { key, owner, wasm, policies } = parts;
  return {
    key,
    owner,
    module: ArrayBuffer.isView(wasm) ? new WebAssembly.Module(wasm) : wasm,
    policies: new Map(policies.map((policy) => [policy.slug, policy])),
  };
}
