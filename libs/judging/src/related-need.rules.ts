import type { JsonObject } from '#kernel';
import type { PolicyMetadata, PolicyVerdict, RelatedDeclaration } from '#engine';
import type { Known } from './known-objects.js';
import { INVENTORY_MAX, NAMESPACE_MAX } from './related.rules.js';
import { kindsOf, selectOf } from './related-select.rules.js';

/**
 * Holds a verdict to what its policy says that it needs (E7): nothing passes for want of an object to compare with. The
 * same in CI and in the audit.
 * @param verdict as the policy gave it
 * @param metadata of the policy
 * @param related what was found for it, by relation; absent where a relation could not be resolved
 * @param known whether everything was known that there is, or only a part
 * @returns `skipped` in place of a pass whose relation was missing, and of any answer that only part of an inventory would
 *   have given, with what would help
 */
export function heldToNeeds(
  verdict: PolicyVerdict,
  metadata: Pick<PolicyMetadata, 'related'> | undefined,
  related: Record<string, JsonObject[]> | undefined,
  known: Known,
): PolicyVerdict {
  if (metadata === undefined || metadata.related.length === 0 || !['pass', 'fail', 'skipped'].includes(verdict.verdict))
    return verdict;
  const absent = metadata.related.filter(({ name }) => related === undefined || !Object.hasOwn(related, name));
  // Who looks through an inventory takes what is not in it for what is not there: neither pass nor failure is one.
  const missing = absent.filter(
    (declaration) =>
      selectOf(declaration)?.by === 'inventory' || (declaration.need !== 'refines' && verdict.verdict === 'pass'),
  );
  if (missing.length === 0) return verdict;
  const reasons = new Set(missing.map((declaration) => reasonOf(declaration, known)));
  return { ...verdict, verdict: 'skipped', findings: [], reason: [...reasons].join('; ') };
}

function reasonOf(declaration: RelatedDeclaration, known: Known): string {
  const kinds = namesOf(declaration);
  const select = selectOf(declaration);
  const named = select?.by === 'reference' ? `${kinds} that ${select.text} names` : kinds;
  if (known === 'listed') return `no ${named} was listed yet: the cluster is being listed, and looked at again then`;
  if (known === 'all' && select?.by === 'namespace')
    return `there are more than ${NAMESPACE_MAX} ${named} in its namespace, too many to look through`;
  if (known === 'all' && select?.by === 'inventory')
    return `there are more ${named} in the cluster than can be looked through: ${INVENTORY_MAX}, or 8 MiB`;
  if (known === 'all') return `there is no ${named}: create it, or name another`;
  if (declaration.need === 'complete' || select?.by === 'inventory')
    return `no ${named} can be looked up: name a cluster`;
  return `no ${named} was posted, and none can be looked up: post it too, or name a cluster`;
}

/** `Role or ClusterRole`, `A, B or C`. */
function namesOf(declaration: RelatedDeclaration): string {
  const names = [...new Set(kindsOf(declaration).map((kind) => kind.slice(kind.lastIndexOf('/') + 1)))];
  const last = names.pop() ?? 'object';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}
