import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '#kernel';
import { mergeParameters, type PolicyInfo, stockSourcesFolder } from '#engine';
import { gvkOf } from '#kube';

/** The library's sources as their authors wrote them, in a folder that OPA reads by itself. */
export class OpaPolicies {
  readonly folder = mkdtempSync(join(tmpdir(), 'bylaw-bench-'));
  /** The defaults of all policies' parameters, in one. */
  private readonly parameters: JsonObject;

  /** @param policies that judge */
  constructor(policies: readonly PolicyInfo[]) {
    const sources = stockSourcesFolder();
    for (const { slug } of policies) cpSync(join(sources, slug, 'policy.rego'), join(this.folder, `${slug}.rego`));
    cpSync(join(sources, 'lib'), join(this.folder, 'lib'), {
      recursive: true,
      filter: (file) => !file.endsWith('_test.rego'),
    });
    const defaults = policies.map(({ metadata }) => mergeParameters(metadata.parameters));
    this.parameters = Object.assign({}, ...defaults) as JsonObject;
  }

  /** @returns what OPA is given to judge an object */
  inputOf(object: JsonObject): JsonObject {
    return inputFor(object, this.parameters);
  }

  /** What `inputFor` needs beside the object. */
  get defaults(): JsonObject {
    return this.parameters;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * @param object that is judged
 * @param parameters of all policies
 */
export function inputFor(object: JsonObject, parameters: JsonObject): JsonObject {
  const kind = { ...(gvkOf(object) ?? { group: '', version: '', kind: '' }) };
  const metadata = object['metadata'] as JsonObject;
  const review = { kind, name: String(metadata['name']), namespace: String(metadata['namespace']), object };
  return { review, parameters, related: {}, context: {} };
}
