import { bytesOf } from './builtin-operands.js';
import { EvaluationError } from './evaluation-error.js';
import { formatFloat } from './go-float.js';
import type { FormatState } from './go-format-state.js';
import { canBackquote, goQuote, goQuoteRune, isPrintable } from './go-quote.js';

/** What OPA's sprintf hands to Go's fmt. */
export type Argument =
  | { type: 'int64'; value: bigint }
  | { type: 'big'; value: bigint }
  | { type: 'float64'; value: number }
  | { type: 'string'; value: string };

/** @returns the argument's type as Go names it */
export function typeName({ type }: Argument): string {
  return type === 'big' ? '*big.Int' : type;
}

/**
 * @param argument one value
 * @param verb one character
 * @param state flags, width and precision; `%v` changes what its flags mean
 */
export function printArgument(argument: Argument, verb: string, state: FormatState): string {
  if (verb === 'v' || verb === 'w') {
    [state.sharpV, state.sharp] = [state.sharp || state.sharpV, false];
    [state.plusV, state.plus] = [state.plus || state.plusV, false];
  }
  if (verb === 'T') return state.pad(state.truncate(typeName(argument)));
  switch (argument.type) {
    case 'int64':
      return printInteger(argument.value, verb, state) ?? badVerb(argument, verb, state);
    case 'float64':
      return printFloat(argument.value, verb, state) ?? badVerb(argument, verb, state);
    case 'string':
      return printString(argument.value, verb, state) ?? badVerb(argument, verb, state);
    case 'big':
      return printBig(argument, verb, state);
  }
}

function badVerb(argument: Argument, verb: string, state: FormatState): string {
  return `%!${verb}(${typeName(argument)}=${printArgument(argument, 'v', state)})`;
}

const RADIX: ReadonlyMap<string, number> = new Map([
  ['v', 10],
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
]);

function printInteger(value: bigint, verb: string, state: FormatState): string | undefined {
  const radix = RADIX.get(verb);
  if (radix !== undefined) return digitsOf(value, radix, verb, state);
  if (verb === 'c') return state.pad(character(value));
  if (verb === 'q') return state.pad(goQuoteRune(character(value), state.plus));
  return verb === 'U' ? state.pad(unicode(value, state), false) : undefined;
}

function digitsOf(value: bigint, radix: number, verb: string, state: FormatState): string {
  const negative = value < 0n;
  if (state.precision === 0 && value === 0n) return ' '.repeat(state.width ?? 0);
  let digits = (negative ? -value : value).toString(radix);
  const sign = state.sign(negative);
  const zeros = state.zero && !state.minus && state.width !== undefined ? state.width - (sign === '' ? 0 : 1) : 0;
  digits = digits.padStart(state.precision ?? zeros, '0');
  if (state.sharp && radix === 2) digits = `0b${digits}`;
  if (state.sharp && radix === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  if (state.sharp && radix === 16) digits = `0x${digits}`;
  if (verb === 'O') digits = `0o${digits}`;
  return state.pad(sign + (verb === 'X' ? digits.toUpperCase() : digits), false);
}

/** As an unsigned 64-bit number; what is no character becomes U+FFFD. */
function character(value: bigint): string {
  const code = BigInt.asUintN(64, value);
  const surrogate = code >= 0xd800n && code <= 0xdfffn;
  return code > 0x10ffffn || surrogate ? '\ufffd' : String.fromCodePoint(Number(code));
}

function unicode(value: bigint, state: FormatState): string {
  const code = BigInt.asUintN(64, value);
  const text = `U+${code
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(state.precision ?? 0, 4), '0')}`;
  if (!state.sharp || code > 0x10ffffn || !isPrintable(character(value))) return text;
  return `${text} '${character(value)}'`;
}

function printFloat(value: number, verb: string, state: FormatState): string | undefined {
  const lower = verb === 'v' ? 'g' : verb.toLowerCase();
  if (['b', 'x', 'X'].includes(verb)) throw new EvaluationError(`sprintf: %${verb} of a fraction is not supported`);
  if (lower !== 'e' && lower !== 'f' && lower !== 'g') return undefined;
  const text = formatFloat(Math.abs(value), lower, state.precision ?? (lower === 'g' ? -1 : 6));
  const pointed = state.sharp ? withPoint(text, lower, state.precision) : text;
  const sign = state.sign(value < 0 || Object.is(value, -0));
  const shown = verb === 'E' || verb === 'G' ? pointed.toUpperCase() : pointed;
  if (!state.zero || state.minus) return state.pad(sign + shown);
  return sign + shown.padStart((state.width ?? 0) - sign.length, '0');
}

/** `#` keeps the point, and for `%g` the zeros after it. */
function withPoint(text: string, verb: 'e' | 'f' | 'g', precision: number | undefined): string {
  const [number = '', power] = text.split('e');
  const significant = number.replace('.', '').replace(/^0+/, '').length || (number === '0' ? 1 : 0);
  const missing = verb === 'g' ? Math.max((precision ?? 6) - significant, 0) : 0;
  const pointed = (number.includes('.') ? number : `${number}.`) + '0'.repeat(missing);
  return power === undefined ? pointed : `${pointed}e${power}`;
}

function printString(value: string, verb: string, state: FormatState): string | undefined {
  if (verb === 's' || (verb === 'v' && !state.sharpV)) return state.pad(state.truncate(value));
  if (verb === 'x' || verb === 'X') return hexadecimal(value, verb, state);
  if (verb !== 'q' && verb !== 'v') return undefined;
  const text = state.truncate(value);
  const raw = state.sharp && canBackquote(text);
  return state.pad(raw ? `\`${text}\`` : goQuote(text, state.plus));
}

function hexadecimal(value: string, verb: string, state: FormatState): string {
  const bytes = [...bytesOf(value).subarray(0, state.precision)];
  const prefix = state.sharp ? `0${verb}` : '';
  const digits = bytes.map((byte) => {
    const pair = byte.toString(16).padStart(2, '0');
    return verb === 'X' ? pair.toUpperCase() : pair;
  });
  if (bytes.length === 0) return state.pad('');
  return state.pad(state.space ? digits.map((pair) => prefix + pair).join(' ') : prefix + digits.join(''));
}

/** Go's big.Int formats itself; its flags work a little otherwise than those of int64. */
function printBig(argument: Argument & { type: 'big' }, verb: string, state: FormatState): string {
  const { value } = argument;
  if (verb === 'w') return badVerb(argument, verb, state);
  if (verb === 'p') throw new EvaluationError('sprintf: %p is not supported');
  const radix = verb === 's' ? 10 : RADIX.get(verb);
  if (radix === undefined) return `%!${verb}(big.Int=${value})`;
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString(radix);
  state.plus ||= state.plusV;
  const sign = state.sign(negative);
  const prefix = bigPrefix(verb, state.sharp || state.sharpV);
  const length = sign.length + prefix.length + Math.max(digits.length, state.precision ?? 0);
  const room = Math.max((state.width ?? 0) - length, 0);
  const filled = state.zero && !state.minus && state.precision === undefined ? room : 0;
  const body = digits.padStart(Math.max(digits.length, state.precision ?? 0) + filled, '0');
  return state.pad(sign + prefix + (verb === 'X' ? body.toUpperCase() : body), false);
}

function bigPrefix(verb: string, sharp: boolean): string {
  if (verb === 'O') return '0o';
  if (!sharp) return '';
  return { b: '0b', o: '0', x: '0x', X: '0X' }[verb] ?? '';
}
