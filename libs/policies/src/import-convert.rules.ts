import type { JsonObject } from '#kernel';
import { convertRego } from './conftest.rules.js';
import { type Synced, syncedBy } from './gatekeeper-sync.rules.js';
import { convertTemplate } from './gatekeeper-template.rules.js';
import {
  type BindingDraft,
  type Conversion,
  type Converted,
  type ForeignDocument,
  objectOf,
  textOf,
} from './import.rules.js';
import { convertWeavePolicy } from './weave-policy.rules.js';

/** What a group's documents are, where it is not looked at further. */
const NOT_IMPORTED: readonly [group: RegExp, reason: string][] = [
  [/(?:^|\.)kyverno\.io$/, 'a policy of Kyverno: only policies in Rego are imported'],
  [/^mutations\.gatekeeper\.sh$/, 'a mutation: Bylaw judges objects, and changes none'],
  [/^expansion\.gatekeeper\.sh$/, 'an expansion: what makes pods is judged with their template anyway'],
  [/^externaldata\.gatekeeper\.sh$/, 'a provider of external data: policies here see the cluster alone'],
  [/^admissionregistration\.k8s\.io$/, 'it is written in CEL: only policies in Rego are imported'],
];

const WEAVE_GROUPS = ['pac.weave.works', 'magalix.com'];

const BINDINGS: Readonly<Record<string, BindingDraft['from']>> = {
  'config.gatekeeper.sh/Config': 'gatekeeper-config',
  'syncset.gatekeeper.sh/SyncSet': 'gatekeeper-config',
  'pac.weave.works/PolicySet': 'weave-policy-set',
  'pac.weave.works/PolicyConfig': 'weave-policy-config',
};

/**
 * Turns documents of other engines into policies, and into what says where those apply.
 * @param documents of one import
 * @returns one or more for each document, in their order
 */
export function convertDocuments(documents: readonly ForeignDocument[]): Converted[] {
  const synced = syncedBy(documents.flatMap(({ content }) => ('object' in content ? [content.object] : [])));
  const rego = convertRego(documents.filter(({ content }) => 'rego' in content));
  return documents.flatMap((document): Converted[] => {
    const { content } = document;
    const nothing = { document, kind: null, name: null, notes: [] };
    if ('refused' in content) return [{ ...nothing, as: 'failed', reason: content.refused }];
    if ('ignored' in content) return [{ ...nothing, as: 'skipped', reason: content.ignored }];
    if ('object' in content) return convertObject(document, content.object, synced);
    return (rego.get(document) ?? []).map((conversion) => converted(document, 'Rego', null, conversion));
  });
}

function convertObject(document: ForeignDocument, object: JsonObject, synced: Synced): Converted[] {
  const { kind: given, apiVersion } = object;
  const kind = typeof given === 'string' ? given : null;
  const name = textOf(objectOf(object, 'metadata'), 'name') ?? null;
  const group = typeof apiVersion === 'string' && apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const binding = (from: BindingDraft['from']): Converted => ({
    document,
    kind,
    name,
    notes: [],
    as: 'binding',
    draft: { from, object },
  });
  if (group === 'templates.gatekeeper.sh' && kind === 'ConstraintTemplate')
    return [converted(document, kind, name, convertTemplate(object, synced))];
  if (group === 'constraints.gatekeeper.sh') return [binding('gatekeeper-constraint')];
  if (WEAVE_GROUPS.includes(group) && kind === 'Policy') {
    const policy = converted(document, kind, name, convertWeavePolicy(object));
    return policy.as === 'policy' ? [policy, binding('weave-policy')] : [policy];
  }
  const from = BINDINGS[`${group}/${kind}`];
  if (from !== undefined) return [binding(from)];
  const reason = NOT_IMPORTED.find(([groups]) => groups.test(group))?.[1] ?? 'not a policy';
  return [converted(document, kind, name, { as: 'skipped', reason })];
}

function converted(
  document: ForeignDocument,
  kind: string | null,
  name: string | null,
  conversion: Conversion,
): Converted {
  if (conversion.as !== 'policy') return { document, kind, name, notes: [], ...conversion };
  return { document, kind, name: name ?? conversion.draft.name, ...conversion };
}
