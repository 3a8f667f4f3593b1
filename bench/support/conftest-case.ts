import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { JsonObject } from '#kernel';
import { mergeParameters, type PolicyInfo, stockSourcesFolder } from '#engine';
import { gvkOf } from '#kube';
import { aDeployment } from './objects.js';

/**
 * Lays out the same work for conftest: the policies' sources as they stand, a rule that asks each of them, and the same
 * objects. Its input is a whole file, so that each says what our host adds: the review around the object. Parameters are
 * all policies' defaults together, in each file too: the sources read them from the input.
 * @param folder made for it
 * @param policies that judge these objects
 * @param count of the objects
 */
export function writeConftestCase(
  folder: string,
  policies: readonly PolicyInfo[],
  count: number,
): { policies: string; files: string } {
  const paths = { policies: join(folder, 'policies'), files: join(folder, 'files') };
  for (const path of Object.values(paths)) mkdirSync(path, { recursive: true });
  for (const { slug } of policies)
    cpSync(join(stockSourcesFolder(), slug, 'policy.rego'), join(paths.policies, `${slug}.rego`));
  cpSync(join(stockSourcesFolder(), 'lib'), join(paths.policies, 'lib'), {
    recursive: true,
    filter: (file) => !file.endsWith('_test.rego'),
  });
  const asked = policies.map(
    ({ slug }) => `deny contains finding.message if some finding in ${packageOf(slug)}.violation\n`,
  );
  writeFileSync(join(paths.policies, 'main.rego'), `package main\n\n${asked.join('\n')}`);
  const parameters = Object.assign(
    {},
    ...policies.map(({ metadata }) => mergeParameters(metadata.parameters)),
  ) as JsonObject;
  for (let index = 0; index < count; index++) {
    const object = aDeployment(index);
    const { name, namespace } = object['metadata'] as { name: string; namespace: string };
    const review = { kind: gvkOf(object), name, namespace, object };
    const input = { review, parameters, related: {}, context: {} };
    writeFileSync(join(paths.files, `${index}.yaml`), stringify(input, { aliasDuplicateObjects: false }));
  }
  return paths;
}

function packageOf(slug: string): string {
  return `data.bylaw.${slug.replaceAll('-', '_')}`;
}
