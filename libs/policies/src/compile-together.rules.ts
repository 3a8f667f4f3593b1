import { mendText } from '#kernel';
import type { CompileProblem, PolicyInfo, PolicySource } from '#engine';

/** One module of some policies. */
export interface Compiled {
  policies: PolicyInfo[];
  wasm: Uint8Array;
  module: WebAssembly.Module;
}

/** What came of compiling some policies: their module, what is wrong with them, or that nobody knows. */
export type CompileOutcome = { made: Compiled } | { errors: readonly CompileProblem[] } | { crashed: string };

/** As many policies as go together. */
export interface Gathered {
  /** Undefined where none compiles. */
  made: Compiled | undefined;
  /** Why a policy is not in it, by slug. */
  broken: Map<string, string>;
  /** Whether the same sources come to the same end each time; not where the compiler crashed, or the time was up. */
  certain: boolean;
}

/**
 * Compiles policies together without those that can't be: each that an error names is left out, until no error is new.
 * Where an error names none, or the compiler crashes, the halves are tried, and their halves.
 * @param sources of policies, each with a slug of its own
 * @param compile all that it is given
 * @param isLate asked before each try: what is not in yet by then is left out
 */
export async function compileTogether(
  sources: readonly PolicySource[],
  compile: (sources: readonly PolicySource[]) => Promise<CompileOutcome>,
  isLate: () => boolean,
): Promise<Gathered> {
  const gathering = new Gathering(compile, isLate);
  await gathering.add(sources);
  return gathering.gathered;
}

class Gathering {
  readonly gathered: Gathered = { made: undefined, broken: new Map(), certain: true };
  private accepted: readonly PolicySource[] = [];

  constructor(
    private readonly compile: (sources: readonly PolicySource[]) => Promise<CompileOutcome>,
    private readonly isLate: () => boolean,
  ) {}

  /** Takes in as many of the candidates as go with those that are in. */
  async add(candidates: readonly PolicySource[]): Promise<void> {
    let rest = candidates;
    while (rest.length > 0) {
      if (this.isLate()) return this.leaveOut(rest, 'the compiler had no time left for it', false);
      const outcome = await this.compile([...this.accepted, ...rest]);
      if ('made' in outcome) {
        this.gathered.made = outcome.made;
        this.accepted = [...this.accepted, ...rest];
        return;
      }
      const named = this.leaveOutNamed(rest, outcome);
      if (named.size > 0) {
        rest = rest.filter(({ slug }) => !named.has(slug));
        continue;
      }
      if (rest.length === 1) return this.leaveOut(rest, reasonOf(outcome), 'errors' in outcome);
      const middle = Math.ceil(rest.length / 2);
      await this.add(rest.slice(0, middle));
      rest = rest.slice(middle);
    }
  }

  private leaveOutNamed(candidates: readonly PolicySource[], outcome: CompileOutcome): Set<string> {
    const errors = 'errors' in outcome ? outcome.errors : [];
    const named = new Set<string>();
    for (const { slug } of candidates) {
      const [first, ...others] = errors.filter((error) => error.slug === slug);
      if (first === undefined) continue;
      const more = others.length === 0 ? '' : `, and ${others.length} errors more`;
      const message = `it does not compile with this release (${first.row}:${first.col} ${first.message}${more})`;
      this.gathered.broken.set(slug, `${brief(message)}: save a version that does`);
      named.add(slug);
    }
    return named;
  }

  private leaveOut(sources: readonly PolicySource[], reason: string, certain: boolean): void {
    for (const { slug } of sources) this.gathered.broken.set(slug, reason);
    if (!certain) this.gathered.certain = false;
  }
}

const REASON_MAX = 500;

function reasonOf(outcome: CompileOutcome): string {
  const cause = 'crashed' in outcome ? outcome.crashed : 'errors' in outcome ? (outcome.errors[0]?.message ?? '') : '';
  return `it does not compile with the organization’s others: ${brief(cause)}`;
}

/** As it can be kept: what a compiler says may quote anything, and be cut within a character. */
function brief(text: string): string {
  return mendText(text.slice(0, REASON_MAX));
}
