import { isJsonObject, type Json } from '#kernel';
import type { BuiltInLibrary } from '#policies';

type BuiltInPolicy = BuiltInLibrary['policies'][number];
type BuiltInSet = BuiltInLibrary['sets'][number];

/**
 * Writes the reference of the built-in policies from what they say of themselves.
 * @param library the compiled one
 * @returns Markdown
 */
export function policyReference(library: BuiltInLibrary): string {
  const policies = [...library.policies].sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const sets = library.sets.map(
    ({ slug, title, policies: members }) => `- **${title}** (\`${slug}\`): ${members.map(memberText).join(', ')}`,
  );
  return [
    '# Built-in policies',
    '',
    'Made from the policies’ own metadata by `node tools/check-drift.mjs --write`.',
    '',
    '## Sets',
    '',
    ...sets,
    '',
    ...policies.map(section),
  ].join('\n');
}

/** A member as a set names it, with what it gives it. */
function memberText({ policy, instance, parameters }: BuiltInSet['policies'][number]): string {
  const given = [
    ...(instance === '' ? [] : [`as \`${instance}\``]),
    ...Object.entries(parameters).map(([name, value]) => `\`${name}: ${valueText(value)}\``),
  ];
  return given.length === 0 ? `\`${policy}\`` : `\`${policy}\` (${given.join(', ')})`;
}

function valueText(value: Json): string {
  return Array.isArray(value) ? `[${value.map(String).join(', ')}]` : JSON.stringify(value);
}

function section({ slug, metadata }: BuiltInPolicy): string {
  const { title, category, severity, kinds, container_lists, standards, description, remediation } = metadata;
  const facts = [
    `category ${category}`,
    `severity ${severity}`,
    `kinds ${kinds.map((kind) => `\`${kind}\``).join(', ')}`,
    ...(container_lists.length > 0
      ? [`container lists ${container_lists.map((list) => `\`${list}\``).join(', ')}`]
      : []),
    ...(standards.length > 0
      ? [`standards ${standards.map(({ framework, section: place }) => `${framework} ${place}`).join('; ')}`]
      : []),
  ];
  return [
    `## ${title} (\`${slug}\`)`,
    '',
    facts.join(' · '),
    '',
    description.trim(),
    '',
    ...parameterTable(metadata.parameters),
    '**Remediation.** ',
    '',
    remediation.trim(),
    '',
  ].join('\n');
}

function parameterTable(schema: Json): string[] {
  const properties = isJsonObject(schema) && isJsonObject(schema['properties']) ? schema['properties'] : {};
  const rows = Object.entries(properties).map(([name, property]) => {
    const { default: value, description } = isJsonObject(property) ? property : {};
    return `| \`${name}\` | \`${JSON.stringify(value ?? null)}\` | ${String(description ?? '').replaceAll('\n', ' ')} |`;
  });
  return rows.length === 0 ? [] : ['| parameter | default | meaning |', '|---|---|---|', ...rows, ''];
}
