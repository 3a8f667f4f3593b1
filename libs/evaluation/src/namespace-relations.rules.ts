import type { PolicyMetadata, RelatedDeclaration } from '#engine';
import { compareIdentities, cutTo, isOfKind, kindsOf, type KnownObject, namespaceLookedAt, selectOf } from '#judging';
import { isPodSpecKind, kindMatches } from '#kube';

type RelatingPolicy = Pick<PolicyMetadata, 'related' | 'kinds'>;

/** What a policy looks at in the namespace of what it judges. */
export interface NamespaceRelation {
  /** Kinds that it judges, as its metadata has them. */
  judges: readonly string[];
  /** Kinds that it looks at, without their group: its declarations narrow them further. */
  looksAt: readonly string[];
  declarations: readonly RelatedDeclaration[];
}

/** Objects of one kind in one namespace. */
export interface KindInNamespace {
  namespace: string;
  /** Without its group. */
  kind: string;
}

/**
 * @param policies whose verdicts may depend on what else is in a namespace; those without metadata depend on nothing
 * @returns what they look at there, of each policy that looks at something
 */
export function namespaceRelations(policies: Iterable<RelatingPolicy | undefined>): NamespaceRelation[] {
  return [...new Set(policies)].flatMap((policy) => {
    const declarations = (policy?.related ?? []).filter((one) => selectOf(one)?.by === 'namespace');
    if (policy === undefined || declarations.length === 0) return [];
    return [{ judges: policy.kinds, looksAt: [...new Set(declarations.flatMap(kindsOf).map(plain))], declarations }];
  });
}

/**
 * Says what has to be known to judge objects: a namespace may hold thousands of a kind that nobody asks for.
 * @param relations of the policies that may judge
 * @param judged objects, whole
 * @returns what is looked at beside them, each kind of each namespace once
 */
export function kindsBeside(
  relations: readonly NamespaceRelation[],
  judged: readonly KnownObject[],
): KindInNamespace[] {
  const wanted = new Map<string, KindInNamespace>();
  for (const known of judged) {
    const namespace = namespaceLookedAt(known.identity);
    for (const { judges, looksAt } of relations) {
      if (!isOfKind(known, judges)) continue;
      for (const kind of looksAt) wanted.set(`${namespace}/${kind}`, { namespace, kind });
    }
  }
  return [...wanted.values()];
}

/** What may have another verdict when an object of a kind changes in its namespace. */
export interface DependentKinds {
  /** Pairs: where one of these changes, … */
  looked: string[];
  /** … those of the kind at the same place in this list are judged again, `*` where the kind doesn't tell which. */
  judged: string[];
  /** Where one of these changes, its Namespace is judged again. */
  ofNamespaces: string[];
}

/** @param relations of the policies that may judge */
export function dependentKinds(relations: readonly NamespaceRelation[]): DependentKinds {
  const pairs = new Map<string, [string, string]>();
  const ofNamespaces = new Set<string>();
  for (const { judges, looksAt } of relations) {
    for (const looked of looksAt) {
      for (const kind of judges) pairs.set(`${looked}/${plain(kind)}`, [looked, plain(kind)]);
      if (judges.some((kind) => kindMatches(kind, { group: '', kind: 'Namespace' }))) ofNamespaces.add(looked);
    }
  }
  return {
    looked: [...pairs.values()].map(([looked]) => looked),
    judged: [...pairs.values()].map(([, judged]) => judged),
    ofNamespaces: [...ofNamespaces],
  };
}

/** By what an object is told to be of a kind, and found. */
const ALWAYS_KEPT = ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace'];

/** What was loaded of namespaces, by kind, for as long as a run takes: cut to what some policy is shown of it. */
export class NamespaceShelf {
  private readonly found = new Map<string, Map<string, KnownObject[]>>();
  private readonly kept = new Map<string, string[] | undefined>();

  /** @param relations of the policies that may judge */
  constructor(private readonly relations: readonly NamespaceRelation[]) {}

  /** @returns those that were not loaded yet */
  missing(wanted: readonly KindInNamespace[]): KindInNamespace[] {
    return wanted.filter(({ namespace, kind }) => this.found.get(namespace)?.has(kind) !== true);
  }

  /**
   * @param wanted what was asked for: of what isn't among the objects, there is nothing
   * @param objects what was found
   */
  add(wanted: readonly KindInNamespace[], objects: readonly KnownObject[]): void {
    for (const { namespace, kind } of wanted) {
      const kinds = this.found.get(namespace) ?? new Map<string, KnownObject[]>();
      this.found.set(namespace, kinds.set(kind, []));
    }
    for (const { identity, object } of objects) {
      const kept = { identity, object: cutTo(object, this.fieldsOf(identity)) };
      this.found.get(identity.namespace)?.get(identity.kind)?.push(kept);
    }
  }

  /** @returns what was loaded of a namespace, in the order of identities */
  inNamespace(namespace: string): KnownObject[] {
    return [...(this.found.get(namespace)?.values() ?? [])].flat().sort(compareIdentities);
  }

  private fieldsOf({ group, kind }: KnownObject['identity']): string[] | undefined {
    const key = `${group}/${kind}`;
    if (!this.kept.has(key)) this.kept.set(key, fieldsShown(this.relations, group, kind));
    return this.kept.get(key);
  }
}

/** @returns every field of a kind that some policy is shown; undefined where one is shown the object whole */
function fieldsShown(relations: readonly NamespaceRelation[], group: string, kind: string): string[] | undefined {
  const fields = new Set(ALWAYS_KEPT);
  for (const declaration of relations.flatMap(({ declarations }) => declarations)) {
    if (!kindsOf(declaration).some((looked) => kindMatches(looked, { group, kind }))) continue;
    if (!Array.isArray(declaration.fields)) return undefined;
    for (const field of declaration.fields) {
      // Where a custom kind keeps its pod spec only the whole object tells.
      if (String(field).startsWith('@pod') && !isPodSpecKind(group, kind)) return undefined;
      fields.add(String(field));
    }
  }
  return [...fields];
}

/** A kind without its group; `*` for a class or a pattern, which many kinds may fit. */
function plain(kind: string): string {
  const name = kind.slice(kind.lastIndexOf('/') + 1);
  return kind.startsWith('@') || /[*?]/.test(name) ? '*' : name;
}
