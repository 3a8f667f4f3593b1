import type { JsonObject } from '#kernel';
import { RegoCompiler } from '../compiler.js';
import type { CompileResult } from '../compiler-protocol.js';
import type { LibrarySource, PolicySource } from '../policy.js';
import type { EvaluationRequest, Review } from '../verdict.js';

/** A finding as Rego, for policies whose finding does not matter. */
export const FINDING = '{"path": "spec.a", "found": 1, "expected": 2, "message": "a is 1"}';

/**
 * @param slug of the policy
 * @param body Rego after the package
 * @param custom further lines of the annotation's `custom`, without the comment sign
 */
export function samplePolicy(slug: string, body: string, custom: readonly string[] = ['kinds: ["*"]']): PolicySource {
  const lines = ['category: reliability', 'severity: medium', ...custom].map((line) => `#   ${line}`);
  const source = [
    '# METADATA',
    `# title: Sample ${slug}`,
    '# custom:',
    ...lines,
    `package bylaw.${slug.replaceAll('-', '_')}`,
    '',
    body,
    '',
  ].join('\n');
  return { slug, file: 'policy.rego', source };
}

/** What a policy says of itself where it is beside the source. */
export const SAMPLE_METADATA: JsonObject = {
  title: 'Sample',
  category: 'security',
  severity: 'low',
  kinds: ['*'],
};

/**
 * A policy as tenants write them: in a package of their choice, metadata beside it.
 * @param slug of the policy
 * @param body Rego after the package
 * @param name of the package
 */
export function tenantPolicy(slug: string, body: string, name = 'mine'): PolicySource {
  const source = `package ${name}\n\n${body}\n`;
  return { slug, file: 'policy.rego', source, metadata: SAMPLE_METADATA, own_package: true };
}

/**
 * Compiles once, in a child of its own.
 * @throws Error where the policies have errors
 */
export async function compileSamples(
  policies: PolicySource[],
  lib: LibrarySource[] = [],
): Promise<CompileResult & { wasm: Uint8Array }> {
  const compiler = new RegoCompiler();
  try {
    const { wasm, ...result } = await compiler.compile({ lib, policies });
    if (wasm === undefined) throw new Error(JSON.stringify(result.errors));
    return { ...result, wasm };
  } finally {
    await compiler.close();
  }
}

/**
 * @param object what is judged
 * @param slugs by which policies, all without parameters
 */
export function sampleRequestOf(object: Review['object'], slugs: readonly string[]): EvaluationRequest {
  return {
    review: { kind: { group: '', version: 'v1', kind: 'Sample' }, name: 'sample', object },
    params: Object.fromEntries(slugs.map((slug) => [slug, {}])),
  };
}
