import { RE2JS } from 're2js';
import { OperandError } from './builtin-operands.js';

/** A regular expression as Go's regexp reads it. */
export interface GoRegex {
  pattern: RE2JS;
  /** The numbers of the groups of each name: Go lets groups share one. */
  groups: ReadonlyMap<string, readonly number[]>;
}

/**
 * @param source in Go's syntax (https://pkg.go.dev/regexp/syntax), which RE2JS reads but for groups that share a name and
 * Unicode's long names of its categories
 * @throws OperandError where it is malformed
 */
export function compileGoRegex(source: string): GoRegex {
  const reader = new PatternReader(source);
  const plain = reader.plain();
  try {
    return { pattern: RE2JS.compile(plain), groups: reader.groups };
  } catch (error) {
    throw new OperandError(`not a regular expression: ${String(error)}`);
  }
}

/** Sticky pieces that a pattern is made of; what none of them takes is one character. */
const QUOTED = /\\Q.*?(?:\\E|$)/sy;
const UNICODE_CLASS = /\\([pP])\{(\^?)([^}]*)\}/y;
const ESCAPE = /\\./suy;
const CLASS_START = /\[\^?\]?/y;
const POSIX_CLASS = /\[:\^?[a-z]+:\]/y;
const NAMED_GROUP = /\(\?P?<([A-Za-z0-9_]+)>/y;
const GROUP = /\((?!\?)/y;

class PatternReader {
  readonly groups = new Map<string, number[]>();
  private at = 0;
  private count = 0;
  private inClass = false;

  constructor(private readonly source: string) {}

  plain(): string {
    let out = '';
    while (this.at < this.source.length) out += this.piece();
    return out;
  }

  private piece(): string {
    const quoted = this.take(QUOTED);
    if (quoted !== undefined) return quoted[0];
    const unicode = this.take(UNICODE_CLASS);
    if (unicode !== undefined) return this.unicodeClass(unicode);
    const escape = this.take(ESCAPE);
    if (escape !== undefined) return escape[0];
    return this.inClass ? this.classPiece() : this.outerPiece();
  }

  private classPiece(): string {
    const posix = this.take(POSIX_CLASS);
    if (posix !== undefined) return posix[0];
    if (this.source[this.at] === ']') this.inClass = false;
    return this.character();
  }

  private outerPiece(): string {
    const start = this.take(CLASS_START);
    if (start !== undefined) {
      this.inClass = true;
      return start[0];
    }
    const named = this.take(NAMED_GROUP);
    if (named !== undefined) {
      const [, name = ''] = named;
      this.groups.set(name, [...(this.groups.get(name) ?? []), (this.count += 1)]);
      return '(';
    }
    if (this.take(GROUP) === undefined) return this.character();
    this.count += 1;
    return '(';
  }

  private character(): string {
    const character = this.source[this.at] ?? '';
    this.at += 1;
    return character;
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found === null) return undefined;
    this.at = pattern.lastIndex;
    return found;
  }

  /** Go looks names up without regard to case, blanks, dashes and underscores. */
  private unicodeClass([written, letter = 'p', caret = '', name = '']: RegExpExecArray): string {
    const canonical = name.replace(/[ _-]/g, '');
    const known = canonical.charAt(0).toUpperCase() + canonical.slice(1).toLowerCase();
    const negated = (letter === 'P') !== (caret === '^');
    if (known === 'Ascii') {
      const posix = `[:${negated ? '^' : ''}ascii:]`;
      return this.inClass ? posix : `[${posix}]`;
    }
    const short = CATEGORIES.get(known) ?? known;
    return known === '' ? written : `\\${negated ? 'P' : 'p'}{${short}}`;
  }
}

/** By canonical name (Unicode's PropertyValueAliases). */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ['Lc', 'LC'],
  ['Casedletter', 'LC'],
  ['Closepunctuation', 'Pe'],
  ['Combiningmark', 'M'],
  ['Connectorpunctuation', 'Pc'],
  ['Control', 'Cc'],
  ['Cntrl', 'Cc'],
  ['Currencysymbol', 'Sc'],
  ['Dashpunctuation', 'Pd'],
  ['Decimalnumber', 'Nd'],
  ['Digit', 'Nd'],
  ['Enclosingmark', 'Me'],
  ['Finalpunctuation', 'Pf'],
  ['Format', 'Cf'],
  ['Initialpunctuation', 'Pi'],
  ['Letter', 'L'],
  ['Letternumber', 'Nl'],
  ['Lineseparator', 'Zl'],
  ['Lowercaseletter', 'Ll'],
  ['Mark', 'M'],
  ['Mathsymbol', 'Sm'],
  ['Modifierletter', 'Lm'],
  ['Modifiersymbol', 'Sk'],
  ['Nonspacingmark', 'Mn'],
  ['Number', 'N'],
  ['Openpunctuation', 'Ps'],
  ['Other', 'C'],
  ['Otherletter', 'Lo'],
  ['Othernumber', 'No'],
  ['Otherpunctuation', 'Po'],
  ['Othersymbol', 'So'],
  ['Paragraphseparator', 'Zp'],
  ['Privateuse', 'Co'],
  ['Punctuation', 'P'],
  ['Punct', 'P'],
  ['Separator', 'Z'],
  ['Spaceseparator', 'Zs'],
  ['Spacingmark', 'Mc'],
  ['Surrogate', 'Cs'],
  ['Symbol', 'S'],
  ['Titlecaseletter', 'Lt'],
  ['Unassigned', 'Cn'],
  ['Uppercaseletter', 'Lu'],
]);
