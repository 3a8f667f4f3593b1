import { RE2JS } from 're2js';

/** The longest pattern that is read, in characters: reading it is work already. */
const MAX_PATTERN = 1_000;
/** Of all patterns of one schema, in RE2's instructions. */
const MAX_PROGRAM = 20_000;
/** Of one check, in instructions times characters: some 60 ns each on a server's core (measured, Node 20). */
const MAX_STEPS = 5_000_000;

/** The patterns of a schema, or what they are tried on, take too long. */
export class PatternLimitError extends Error {}

/** Synchronous work has one meter: what Ajv generates takes no argument that could carry it. */
const meter = { program: 0, steps: 0 };

/**
 * RE2 in place of JavaScript's RegExp, which a hostile pattern can keep busy for ever; RE2 takes as many steps as the
 * pattern's program is large times the text long, and they are counted.
 */
class MeteredPattern {
  private readonly compiled: RE2JS;
  private readonly size: number;

  constructor(readonly source: string) {
    if (source.length > MAX_PATTERN)
      throw new PatternLimitError(`a pattern has ${source.length} characters: at most ${MAX_PATTERN}`);
    this.compiled = RE2JS.compile(source);
    this.size = this.compiled.programSize();
    meter.program += this.size;
    if (meter.program > MAX_PROGRAM)
      throw new PatternLimitError('the patterns repeat too much together: write smaller numbers in {…}, or fewer');
  }

  test(text: string): boolean {
    meter.steps += this.size * text.length;
    if (meter.steps > MAX_STEPS)
      throw new PatternLimitError('are too long for the patterns that they are checked against');
    return this.compiled.matcher(text).find();
  }

  /** Ajv tells the patterns of a schema apart by it: two that look alike would be one. */
  toString(): string {
    return this.source;
  }
}

/** As Ajv takes it for `code.regExp`. */
export const meteredRegExp = Object.assign((pattern: string) => new MeteredPattern(pattern), { code: 're2' });

/**
 * Does something with patterns under the limits, counted from 0.
 * @throws PatternLimitError
 */
export function metered<Result>(work: () => Result): Result {
  meter.program = 0;
  meter.steps = 0;
  return work();
}
