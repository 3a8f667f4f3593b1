/** How much of a manifest is read before it is refused (DESIGN.md H3). */
export interface ManifestLimits {
  /** Bytes of the whole text as UTF-8. */
  bytes: number;
  /** Documents in one text. */
  documents: number;
  /** Maps and lists within each other, after aliases. */
  depth: number;
  /** Keys and values in one document, after aliases. */
  nodes: number;
  /** Values that aliases and merge keys may add in the whole text. */
  aliasedNodes: number;
  /** UTF-16 code units of one scalar as written. */
  stringLength: number;
}

export const DEFAULT_MANIFEST_LIMITS: Readonly<ManifestLimits> = {
  bytes: 16 * 1024 * 1024,
  documents: 10_000,
  depth: 100,
  nodes: 1_000_000,
  aliasedNodes: 100_000,
  stringLength: 4 * 1024 * 1024,
};

export type ManifestErrorCode =
  | 'yaml_syntax'
  | 'template_markers'
  | 'needs_rendering'
  | 'not_an_object'
  | 'not_kubernetes'
  | 'bad_key'
  | 'bad_scalar'
  | 'bad_merge'
  | 'unknown_anchor'
  | 'alias_cycle'
  | 'not_utf8'
  | 'control_character'
  | 'bad_list'
  | 'limit_bytes'
  | 'limit_documents'
  | 'limit_depth'
  | 'limit_nodes'
  | 'limit_aliases'
  | 'limit_string'
  | 'limit_memory'
  | 'deadline';

/** Why a document can't be read, and at which offset of the whole text. */
export class ManifestRefusal extends Error {
  /**
   * @param code from the closed list
   * @param message what is wrong and what would be right
   * @param offset UTF-16 code units from the beginning of the text
   */
  constructor(
    readonly code: ManifestErrorCode,
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'ManifestRefusal';
  }
}
