import type { ValidationResult } from '#contracts';

/** What a policy says of itself, for those formats that have a place for it. */
export interface PolicyHelp {
  /** Markdown, as the remediation is. */
  description: string;
  remediation: string;
  standards: readonly { framework: string; section: string }[];
  /** A page about it. */
  url?: string;
}

/** What is known beside a result. */
export interface ResultContext {
  /** Where the result can be looked at. */
  url?: string;
  /** By slug; what is missing is told by the violations alone. */
  policies?: ReadonlyMap<string, PolicyHelp>;
  /**
   * Paths are told from here: an absolute one is cut off from absolute paths, a relative one is put before relative
   * paths (a folder of the repository that the paths start from).
   */
  root?: string;
  /** Whether a terminal reads it; text alone has colours. */
  colour?: boolean;
}

/** Writes a result. It never fails, whatever texts are in the result. */
export type ResultFormatter = (result: ValidationResult, context: ResultContext) => string;
