import type { Json, JsonObject, Severity } from '#kernel';

export type Category =
  'reliability' | 'security' | 'network' | 'access-control' | 'operational-excellence' | 'resources';

export type ContainerList = 'containers' | 'initContainers' | 'sidecars' | 'ephemeralContainers';

/** Another object that a policy looks at (E7). */
export interface RelatedDeclaration {
  name: string;
  /** `Kind` in any group or `group/Kind`; several where any of them will do. */
  kind: string | string[];
  /**
   * `same_namespace`, `ref(<path>)` or `cluster(index: <path>, …)`, and of imported policies `inventory`, but for some
   * namespaces: `inventory(except: kube-*, …)`; the compiler takes nothing else.
   */
  select: string;
  fields?: Json;
  /** Absent: `refines` judges the object alone, `present` skips it, `complete` skips it unless a cluster is named. */
  need: 'refines' | 'present' | 'complete';
}

/** What a policy says of itself in its METADATA annotation, with every default filled in by the compiler. */
export interface PolicyMetadata {
  title: string;
  description: string;
  category: Category;
  severity: Severity;
  /** `Kind` in any group, `group/Kind`, `*`, or a class: `@pod-spec`, `@long-running`, `@namespaced`. */
  kinds: string[];
  container_lists: ContainerList[];
  /** JSON Schema of an object, a default for each property. */
  parameters: JsonObject;
  /** Markdown. */
  remediation: string;
  standards: { framework: string; section: string }[];
  related: RelatedDeclaration[];
  /** The strongest enforcement that it can carry at admission. */
  admission: 'deny' | 'warn' | 'none';
  admission_only: boolean;
  expand: boolean;
}

/** The sets that a policy may answer with (E5). */
export type AnswerRule = 'violation' | 'skipped' | 'not_applicable';

/** One compiled policy of a module. */
export interface PolicyInfo {
  slug: string;
  /** The source file as it was named to the compiler. */
  file: string;
  rules: AnswerRule[];
  metadata: PolicyMetadata;
  /** SHA-256 in hexadecimal over its source and what it reaches of the shared library. */
  source_digest: string;
}

/** One Rego file of the shared library. */
export interface LibrarySource {
  file: string;
  source: string;
}

/** Whose engine a policy was written for (E8); `conftest-warn` is what conftest warns of by the same file. */
export const DIALECTS = ['native', 'gatekeeper', 'weave', 'conftest', 'conftest-warn'] as const;
export type Dialect = (typeof DIALECTS)[number];

export type RegoVersion = 'v0' | 'v1';

/** How a policy is written that another engine was to run; what is absent is as Bylaw's own are. */
export interface DialectOptions {
  /**
   * Other dialects than `native` say nothing of themselves in METADATA, see what their engine gives them, and their
   * own modules alone. The compiler makes what answers for them.
   */
  dialect?: Dialect | undefined;
  /** `v1` unless given. */
  rego_version?: RegoVersion | undefined;
  /** Modules of this policy alone, in packages of their author's choice; of dialects other than `native`. */
  libs?: LibrarySource[] | undefined;
}

/** One Rego file of a policy. */
export interface PolicySource extends LibrarySource, DialectOptions {
  slug: string;
  /** The members of PolicyMetadata, each in place of the annotation's, which may then be absent. */
  metadata?: JsonObject;
  /**
   * Written in a package of its author's choice instead of `bylaw.<slug>`: what tenants write. It sees its own package,
   * `data.lib` and input only, even where another policy chose the same, and `with` replaces only what it defines (H1).
   */
  own_package?: true;
}

/** One `_test.rego`; without a slug it tests the shared library. */
export interface TestSource extends LibrarySource {
  slug?: string;
}
