import {
  policyModule,
  readLibraryFolder,
  RegoCompiler,
  stockSourcesFolder,
  type PolicyModule,
  type PolicySource,
} from '#engine';

const CHECKS = [
  `object.get(input.review.object.metadata, ["labels", "KEY"], "") in input.parameters.allowed`,
  `not startswith(input.review.name, "KEY-")`,
  `count(input.review.object.spec.template.spec.containers) < count("KEY")`,
  `every container in input.review.object.spec.template.spec.containers { not endswith(container.image, ":KEY") }`,
  `every container in pods.containers { object.get(container, ["resources", "limits", "KEY"], "0") == "0" }`,
];

/**
 * @param index each of them is another
 * @returns a policy as a platform team writes it: a few lines, the shared library, a parameter
 */
export function anOwnPolicy(index: number): { slug: string; rego: string; parameters_schema: object } {
  const slug = `own-${index}`;
  const check = (CHECKS[index % CHECKS.length] ?? '').replaceAll('KEY', `key${index}`);
  const rego = `package team${index}

import data.lib.pods

violation contains {
  "path": "metadata.name",
  "found": input.review.name,
  "expected": input.parameters.allowed,
  "message": $"{input.review.name} is not as team ${index} wants it",
} if not wanted

wanted if ${check}

uses if pods.spec
`;
  return {
    slug,
    rego,
    parameters_schema: {
      type: 'object',
      properties: { allowed: { type: 'array', items: { type: 'string' }, default: ['', `team-${index}`] } },
    },
  };
}

/** @returns what the compiler takes, and what `POST /policies` takes beside slug and Rego */
export function ownSources(count: number, first = 0): PolicySource[] {
  return Array.from({ length: count }, (_, index) => {
    const { slug, rego, parameters_schema: parameters } = anOwnPolicy(first + index);
    const metadata = { title: slug, category: 'security', severity: 'low', kinds: ['Deployment'], parameters };
    return { slug, file: 'policy.rego', source: rego, metadata: metadata as never, own_package: true };
  });
}

/** @returns one module of so many policies for each organization */
export async function ownModules(organizations: number, policies: number): Promise<PolicyModule[]> {
  const compiler = new RegoCompiler();
  try {
    const { lib } = await readLibraryFolder(stockSourcesFolder());
    const modules: PolicyModule[] = [];
    for (let n = 0; n < organizations; n++) {
      const result = await compiler.compile({ lib, policies: ownSources(policies, n * policies) });
      if (result.wasm === undefined) throw new Error(JSON.stringify(result.errors));
      modules.push(policyModule({ key: `own-${n}`, owner: `org-${n}`, wasm: result.wasm, policies: result.policies }));
    }
    return modules;
  } finally {
    await compiler.close();
  }
}
