import { CST, Lexer, Parser } from 'yaml';
import { ManifestRefusal, type ManifestErrorCode, type ManifestLimits } from './manifest-limits.js';
import { closingQuote, ParsedSource } from './yaml-quotes.js';

type LexemeType = CST.TokenType | 'control' | 'text' | null;

/** An open block collection: the column of its entries, and whether they are list items. */
interface Block {
  column: number;
  list: boolean;
}

const BLANKS: ReadonlySet<LexemeType> = new Set<LexemeType>(['newline', 'space', 'comment', 'control']);
const SCALARS: ReadonlySet<LexemeType> = new Set<LexemeType>([
  'text',
  'single-quoted-scalar',
  'double-quoted-scalar',
  'alias',
]);

/**
 * Counts how deep a stream of lexemes nests, so that a document that is too deep is refused before anything recursive
 * sees it.
 */
class DepthCounter {
  private readonly blocks: Block[] = [];
  private flow = 0;
  private column = 0;
  /** Whether an entry may begin here: at the beginning of a line, or after `-` and `?`. */
  private atEntry = true;

  /** @returns the depth with this lexeme */
  next(text: string, type: LexemeType): number {
    if (type === 'flow-map-start' || type === 'flow-seq-start') this.flow++;
    else if (type === 'flow-map-end' || type === 'flow-seq-end') this.flow = Math.max(0, this.flow - 1);
    else if (this.flow === 0) this.block(type);
    if (type !== 'control') this.advance(text, type);
    return this.blocks.length + this.flow;
  }

  get flowDepth(): number {
    return this.flow;
  }

  private block(type: LexemeType): void {
    if (type === 'seq-item-ind') this.enter({ column: this.column, list: true });
    else if (type === 'explicit-key-ind' || (this.atEntry && !BLANKS.has(type))) {
      this.enter({ column: this.column, list: false });
    }
  }

  private enter(block: Block): void {
    let top = this.blocks.at(-1);
    while (top && (top.column > block.column || (top.column === block.column && top.list && !block.list))) {
      this.blocks.pop();
      top = this.blocks.at(-1);
    }
    if (!top || top.column < block.column || (block.list && !top.list)) this.blocks.push(block);
  }

  private advance(text: string, type: LexemeType): void {
    const lastBreak = text.lastIndexOf('\n');
    this.column = lastBreak >= 0 ? text.length - lastBreak - 1 : this.column + text.length;
    if (type === 'newline' || lastBreak >= 0) this.atEntry = true;
    else if (type !== 'space' && type !== 'seq-item-ind' && type !== 'explicit-key-ind') this.atEntry = false;
  }
}

interface Lexeme {
  text: string;
  type: LexemeType;
  offset: number;
}

/** The lexer announces a scalar's text by a control character; the text itself may look like anything. */
function* lexemes(source: string): Generator<Lexeme> {
  let offset = 0;
  let textFollows = false;
  for (const text of new Lexer().lex(source)) {
    const token = CST.tokenType(text);
    const control: boolean = !textFollows && (token === 'scalar' || token === 'doc-mode' || token === 'flow-error-end');
    yield { text, type: textFollows ? 'text' : control ? 'control' : token, offset };
    textFollows = control && token === 'scalar';
    if (!control) offset += text.length;
  }
}

/** The syntax tree of one document, and where another one begins that no `---` announced (a stream of JSON objects). */
export interface DocumentTokens {
  tokens: CST.Token[];
  source: ParsedSource;
  /** Offset in the whole text. */
  rest?: number;
}

/** So many characters may be read again for quoted scalars that had to be indented anew; beyond, the document is refused. */
const MAX_REREAD = 1024 * 1024;

/**
 * Reads one document's lexemes into a syntax tree, within limits.
 * @param text the document's text, in which every line ends in `\n` or `\r\n`
 * @param base its offset in the whole text
 * @param limits how deep, how many, how long
 * @throws ManifestRefusal `yaml_syntax` for a quote that nothing closes, `limit_depth`, `limit_nodes`, `limit_string`
 */
export function parseTokens(text: string, base: number, limits: ManifestLimits): DocumentTokens {
  let source = ParsedSource.of(text, base);
  let reread = 0;
  for (;;) {
    const attempt = new TokenReader(source, limits).read();
    if (attempt.brokenQuote === undefined) return attempt;
    reread += attempt.brokenQuote;
    const repaired = reread > MAX_REREAD ? undefined : source.withIndentedQuote(attempt.brokenQuote);
    if (!repaired) {
      const message = `not valid YAML: nothing closes the quote ${source.text[attempt.brokenQuote]}`;
      throw new ManifestRefusal('yaml_syntax', message, source.original(attempt.brokenQuote));
    }
    source = repaired;
  }
}

class TokenReader {
  private readonly depth = new DepthCounter();
  private readonly isJson: boolean;
  private scalars = 0;
  private complete = false;

  constructor(
    private readonly source: ParsedSource,
    private readonly limits: ManifestLimits,
  ) {
    this.isJson = /^\s*\{/.test(source.text);
  }

  read(): DocumentTokens & { brokenQuote?: number } {
    const parser = new Parser();
    const tokens: CST.Token[] = [];
    const { source } = this;
    for (const lexeme of lexemes(source.text)) {
      if (this.complete && lexeme.type === 'flow-map-start') {
        tokens.push(...parser.end());
        return { tokens, source, rest: source.original(lexeme.offset) };
      }
      this.admit(lexeme);
      if (isOpenQuote(lexeme)) return { tokens, source, brokenQuote: lexeme.offset };
      tokens.push(...parser.next(lexeme.text));
    }
    tokens.push(...parser.end());
    return { tokens, source };
  }

  private admit({ text, type, offset }: Lexeme): void {
    const { limits } = this;
    const depth = this.depth.next(text, type);
    if (depth > limits.depth) this.refuse('limit_depth', `nested deeper than ${limits.depth} levels`, offset);
    if (SCALARS.has(type) && ++this.scalars > limits.nodes) {
      this.refuse('limit_nodes', `more than ${limits.nodes} keys and values in one document`, offset);
    }
    if (text.length > limits.stringLength) {
      this.refuse('limit_string', `a value longer than ${limits.stringLength} characters`, offset);
    }
    if (this.isJson && this.depth.flowDepth === 0 && !BLANKS.has(type)) this.complete = type === 'flow-map-end';
  }

  private refuse(code: ManifestErrorCode, message: string, offset: number): never {
    throw new ManifestRefusal(code, message, this.source.original(offset));
  }
}

function isOpenQuote({ text, type }: Lexeme): boolean {
  return (type === 'single-quoted-scalar' || type === 'double-quoted-scalar') && closingQuote(text, 0) < 0;
}
