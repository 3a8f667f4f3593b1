import type { RelatedDeclaration } from '#engine';
import { boundedKey, type FieldPath, parseFieldPath } from '#kube';

/** A path with the text that rows are kept under. */
export interface LabelledPath {
  label: string;
  path: FieldPath;
}

/** How a relation finds other objects (E7). */
export type RelatedSelect =
  | { by: 'namespace' }
  | ({ by: 'reference'; text: string } & LabelledPath)
  | { by: 'key'; paths: LabelledPath[] }
  /** All there are in the cluster, but for those of some namespaces. */
  | { by: 'inventory'; except: string[] };

const REFERENCE = /^ref\((?<path>[^()]+)\)$/;
const INVENTORY = /^inventory(?:\(except: *(?<globs>[^()]+)\))?$/;
const CLUSTER = /^cluster\(index: *(?<paths>[^()]+)\)$/;

/**
 * @param select `same_namespace`, `ref(<path>)`, `cluster(index: <path>, …)` or `inventory(except: <namespace>, …)`, as the
 *   compiler let it pass
 * @returns undefined for anything else: such a relation is never resolved
 */
export function parseSelect(select: string): RelatedSelect | undefined {
  if (select === 'same_namespace') return { by: 'namespace' };
  const inventory = INVENTORY.exec(select);
  if (inventory !== null) return { by: 'inventory', except: listIn(inventory.groups?.['globs']) };
  const reference = REFERENCE.exec(select)?.groups?.['path'];
  if (reference !== undefined) {
    const path = parseFieldPath(reference);
    return path && { by: 'reference', text: reference, label: boundedKey(`ref(${reference})`), path };
  }
  const texts = listIn(CLUSTER.exec(select)?.groups?.['paths']);
  const paths = texts.flatMap((text): LabelledPath[] => {
    const path = parseFieldPath(text);
    return path === undefined ? [] : [{ label: boundedKey(text), path }];
  });
  return paths.length > 0 && paths.length === texts.length ? { by: 'key', paths } : undefined;
}

function listIn(text: string | undefined): string[] {
  return text?.split(',').map((one) => one.trim()) ?? [];
}

const known = new WeakMap<RelatedDeclaration, { select: RelatedSelect | undefined }>();

/** @returns how a declaration selects, read once */
export function selectOf(declaration: RelatedDeclaration): RelatedSelect | undefined {
  const found = known.get(declaration) ?? { select: parseSelect(declaration.select) };
  known.set(declaration, found);
  return found.select;
}

/** @returns the declared kinds, each `Kind` or `group/Kind` */
export function kindsOf({ kind }: Pick<RelatedDeclaration, 'kind'>): string[] {
  return typeof kind === 'string' ? [kind] : kind;
}
