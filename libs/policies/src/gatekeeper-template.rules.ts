import { isJsonObject, type Json, type JsonObject, SEVERITIES, type Severity } from '#kernel';
import { CATEGORIES } from '#contracts';
import type { Category, LibrarySource, RegoVersion } from '#engine';
import { inventoryRelation, type Synced } from './gatekeeper-sync.rules.js';
import { parameterSchemaOf } from './foreign-schema.rules.js';
import { type Conversion, cut, listOf, objectOf, textOf } from './import.rules.js';

const ADMISSION = 'admission.k8s.gatekeeper.sh';
const CEL = 'K8sNativeValidation';
const INVENTORY = /\bdata\s*\.\s*inventory\b|\bdata\s*\[\s*"inventory"/;

interface RegoOfTemplate {
  rego: string;
  libs: LibrarySource[];
  version: RegoVersion;
  notes: string[];
}

/**
 * @param template a ConstraintTemplate of version v1, v1beta1 or v1alpha1
 * @param synced what Gatekeeper keeps of the cluster for its policies
 * @returns its policy; its parameters are those of its constraints' schema
 */
export function convertTemplate(template: JsonObject, synced: Synced): Conversion {
  const metadata = objectOf(template, 'metadata');
  const crd = objectOf(objectOf(template, 'spec'), 'crd');
  const kind = textOf(objectOf(objectOf(crd, 'spec'), 'names'), 'kind');
  const name = textOf(metadata, 'name');
  if (kind === undefined || name === undefined)
    return { as: 'failed', reason: 'metadata.name or spec.crd.spec.names.kind is missing' };
  if (name !== kind.toLowerCase())
    return {
      as: 'failed',
      reason: `metadata.name is ${name}: Gatekeeper takes only ${kind.toLowerCase()} for ${kind}`,
    };
  const read = regoOf(template);
  if ('as' in read) return read;
  const schema = objectOf(objectOf(objectOf(crd, 'spec'), 'validation'), 'openAPIV3Schema');
  const parameters = parameterSchemaOf(schema);
  const looksAround = [read.rego, ...read.libs.map(({ source }) => source)].some((text) => INVENTORY.test(text));
  const inventory = looksAround ? inventoryRelation(template, synced) : { notes: [] };
  if ('skipped' in inventory) return { as: 'skipped', reason: inventory.skipped };
  const related = 'relation' in inventory ? { related: [{ ...inventory.relation } as JsonObject] } : {};
  return {
    as: 'policy',
    draft: {
      importKey: `gatekeeper/ConstraintTemplate/${name}`,
      name,
      rego: read.rego,
      given: { ...describedBy(metadata, kind), kinds: ['*'], expand: true, parameters: parameters.schema, ...related },
      dialect: 'gatekeeper',
      rego_versions: [read.version],
      libs: read.libs,
    },
    notes: [...read.notes, ...parameters.notes, ...inventory.notes],
  };
}

/** The deprecated `rego` goes before what `code` has, as in Gatekeeper. */
function regoOf(template: JsonObject): RegoOfTemplate | Extract<Conversion, { reason: string }> {
  const targets = listOf(objectOf(template, 'spec'), 'targets').filter(isJsonObject);
  const [target] = targets;
  if (target === undefined || targets.length > 1)
    return { as: 'failed', reason: `spec.targets has ${targets.length} entries: Gatekeeper takes exactly one` };
  if (target['target'] !== ADMISSION)
    return { as: 'skipped', reason: `its target is ${String(target['target'])}, not ${ADMISSION}` };
  const code = listOf(target, 'code').filter(isJsonObject);
  const beside = code.some(({ engine }) => engine === CEL) ? ['the CEL beside its Rego was left out'] : [];
  const legacy = textOf(target, 'rego');
  if (legacy !== undefined) return { rego: legacy, libs: libsOf(target['libs']), version: 'v0', notes: beside };
  const source = objectOf(
    code.find(({ engine }) => engine === 'Rego'),
    'source',
  );
  const rego = textOf(source, 'rego');
  if (source !== undefined && rego !== undefined) {
    const version = source['version'] === 'v1' ? 'v1' : 'v0';
    return { rego, libs: libsOf(source['libs']), version, notes: beside };
  }
  if (beside.length > 0) return { as: 'skipped', reason: `it is written in CEL (${CEL}): only Rego is imported` };
  return { as: 'failed', reason: 'it has neither `rego` nor an entry of the engine Rego in `code`' };
}

function libsOf(value: Json | undefined): LibrarySource[] {
  const texts = (Array.isArray(value) ? value : []).filter((source) => typeof source === 'string');
  return texts.map((source, index) => ({ file: `libs[${index}]`, source }));
}

/**
 * @param metadata of a foreign document
 * @param name of it, where no annotation gives a title
 * @returns what its annotations say of it; what they don't, honestly in the middle
 */
function describedBy(metadata: JsonObject | undefined, name: string): JsonObject {
  const annotations = objectOf(metadata, 'annotations');
  const ending = (key: string): string | undefined => {
    const full = Object.keys(annotations ?? {}).find((given) => given === key || given.endsWith(`/${key}`));
    return full === undefined ? undefined : textOf(annotations, full)?.trim();
  };
  const severity = ending('severity')?.toLowerCase() as Severity | undefined;
  const category = ending('category')?.toLowerCase() as Category | undefined;
  return {
    title: cut(ending('title') ?? name, 200),
    description: cut(ending('description') ?? '', 20_000),
    severity: severity !== undefined && SEVERITIES.includes(severity) ? severity : 'medium',
    category: category !== undefined && CATEGORIES.includes(category) ? category : 'security',
  };
}
