/** Go's idea of a printable character (unicode.IsPrint): letters, marks, numbers, punctuation, symbols and the space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
]);

/**
 * Quotes as Go's strconv.Quote does, which is also how OPA writes a string inside a collection.
 * @param text any text
 * @param asciiOnly escapes everything beyond ASCII
 */
export function goQuote(text: string, asciiOnly = false): string {
  return quoted(text, '"', asciiOnly);
}

/**
 * @param character one code point
 * @param asciiOnly escapes everything beyond ASCII
 * @returns a Go character constant in single quotes
 */
export function goQuoteRune(character: string, asciiOnly = false): string {
  return quoted(character, "'", asciiOnly);
}

/** Whether Go's `%#q` may write the text between backquotes. */
export function canBackquote(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u0008\u000a-\u001f\u007f`\ufeff]/u.test(text);
}

/** @returns whether Go would print the character as it is */
export function isPrintable(character: string): boolean {
  return PRINTABLE.test(character);
}

function quoted(text: string, quote: string, asciiOnly: boolean): string {
  let out = quote;
  for (const character of text) out += character === quote ? `\\${quote}` : escaped(character, asciiOnly);
  return out + quote;
}

function escaped(character: string, asciiOnly: boolean): string {
  const named = NAMED.get(character);
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  if (isPrintable(character) && !(asciiOnly && code > 0x7f)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
