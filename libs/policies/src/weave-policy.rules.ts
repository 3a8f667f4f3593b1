import { isJsonObject, type Json, type JsonObject, SEVERITIES, type Severity } from '#kernel';
import type { Category } from '#engine';
import { type Conversion, cut, listOf, objectOf, textOf } from './import.rules.js';

const KIND = /^[A-Z][A-Za-z0-9]*$/;
const KINDS_MAX = 100;

/** By a word of theirs, in this order; their categories are `weave.categories.network-security` and the like. */
const CATEGORIES: readonly [words: RegExp, category: Category][] = [
  [/network/, 'network'],
  [/access|rbac|identity/, 'access-control'],
  [/reliab|availab|resilien/, 'reliability'],
  [/capacity|resource|quota|cost/, 'resources'],
  [/organi[sz]ation|operation|standard|deployment|observab|best-practice/, 'operational-excellence'],
];

/**
 * @param policy a Policy of `pac.weave.works` (v2beta1 to v2beta3) or `magalix.com` (v1)
 * @returns its policy; where it applies is its binding's
 */
export function convertWeavePolicy(policy: JsonObject): Conversion {
  const spec = objectOf(policy, 'spec');
  const name = textOf(objectOf(policy, 'metadata'), 'name');
  const rego = textOf(spec, 'code');
  if (name === undefined || rego === undefined)
    return { as: 'failed', reason: 'metadata.name or spec.code is missing' };
  const provider = textOf(spec, 'provider') ?? 'kubernetes';
  if (provider !== 'kubernetes') return { as: 'skipped', reason: `it is for ${provider}, not for Kubernetes` };
  const kinds = kindsOf(spec);
  const notes = kinds.notes.concat(
    spec?.['mutate'] === true ? ['it mutated objects: here it only says what it would have'] : [],
  );
  return {
    as: 'policy',
    draft: {
      importKey: `weave/Policy/${name}`,
      name,
      rego,
      given: {
        title: cut(textOf(spec, 'name') ?? name, 200),
        description: cut(textOf(spec, 'description') ?? '', 20_000),
        remediation: cut(textOf(spec, 'how_to_solve') ?? '', 20_000),
        severity: severityOf(textOf(spec, 'severity')),
        category: categoryOf(textOf(spec, 'category') ?? ''),
        standards: standardsOf(spec),
        kinds: kinds.kinds,
        parameters: parametersOf(spec),
        expand: true,
      },
      dialect: 'weave',
      rego_versions: ['v0'],
      libs: [],
    },
    notes,
  };
}

/** There a kind is a kind in any group. */
function kindsOf(spec: JsonObject | undefined): { kinds: string[]; notes: string[] } {
  const named = listOf(objectOf(spec, 'targets'), 'kinds').filter((kind) => typeof kind === 'string');
  const kinds = [...new Set(named.filter((kind) => KIND.test(kind)))];
  if (kinds.length === 0 || kinds.length > KINDS_MAX) return { kinds: ['*'], notes: [] };
  const odd = named.filter((kind) => !KIND.test(kind));
  return { kinds, notes: odd.length === 0 ? [] : [`no kinds, left out: ${cut(odd.join(', '), 200)}`] };
}

/** There a parameter's type binds nobody, and one without a value is null. */
function parametersOf(spec: JsonObject | undefined): JsonObject {
  const properties = listOf(spec, 'parameters')
    .filter(isJsonObject)
    .flatMap(({ name, type, value }): [string, JsonObject][] => {
      if (typeof name !== 'string') return [];
      const described = typeof type === 'string' ? { description: cut(type, 200) } : {};
      return [[name, { ...described, default: value ?? null }]];
    });
  return { type: 'object', properties: Object.fromEntries(properties) };
}

function severityOf(severity: string | undefined): Severity {
  const known = severity?.toLowerCase() as Severity | undefined;
  return known !== undefined && SEVERITIES.includes(known) ? known : 'medium';
}

function categoryOf(category: string): Category {
  return CATEGORIES.find(([words]) => words.test(category.toLowerCase()))?.[1] ?? 'security';
}

/** `weave.standards.pci-dss` with the control `weave.controls.pci-dss.2.2.5` is section 2.2.5 of pci-dss. */
function standardsOf(spec: JsonObject | undefined): Json[] {
  const sections = listOf(spec, 'standards')
    .filter(isJsonObject)
    .flatMap((standard) => {
      const framework = (textOf(standard, 'id') ?? '').replace(/^\w+\.standards\./, '');
      const controls = listOf(standard, 'controls').filter((control) => typeof control === 'string');
      return controls.map((control) => ({ framework, section: sectionOf(control, framework) }));
    });
  const whole = sections.filter(
    ({ framework, section }) => framework !== '' && framework.length <= 100 && section !== '' && section.length <= 200,
  );
  return whole.slice(0, 100);
}

function sectionOf(control: string, framework: string): string {
  const section = control.replace(/^\w+\.controls\./, '');
  return section.startsWith(`${framework}.`) ? section.slice(framework.length + 1) : section;
}
