import { createHash, createHmac } from 'node:crypto';
import type { HostBuiltin } from './builtin.js';
import { bytesOf, object, OperandError, text } from './builtin-operands.js';
import { regoText } from './builtins-strings.js';
import { textOfBytes } from './go-bytes.js';
import { refuseBulk } from './host-limits.js';
import { numberText, sortedEntries, sortedMembers } from './rego-compare.js';
import { parseRegoValue, RegoNumber, type RegoValue } from './rego-value.js';

const hash = (algorithm: string): HostBuiltin => {
  return (value) =>
    createHash(algorithm)
      .update(bytesOf(text(value)))
      .digest('hex');
};

const hmac = (algorithm: string): HostBuiltin => {
  return (message, key) =>
    createHmac(algorithm, bytesOf(text(key)))
      .update(bytesOf(text(message)))
      .digest('hex');
};

/** OPA's codecs and hashes that its WASM runtime lacks. */
export const ENCODING_BUILTINS: [string, HostBuiltin][] = [
  ['base64.encode', (value) => bytesOf(text(value)).toString('base64')],
  ['base64url.encode', (value) => padded(bytesOf(text(value)).toString('base64url'))],
  ['base64.decode', (value) => base64Decode(text(value), '+/')],
  ['base64.is_valid', (value) => isValid(() => base64Decode(text(value), '+/'))],
  ['base64url.decode', (value) => base64Decode(padded(text(value)), '-_')],
  ['base64url.encode_no_pad', (value) => bytesOf(text(value)).toString('base64url')],
  ['crypto.md5', hash('md5')],
  ['crypto.sha1', hash('sha1')],
  ['crypto.sha256', hash('sha256')],
  ['crypto.hmac.md5', hmac('md5')],
  ['crypto.hmac.sha1', hmac('sha1')],
  ['crypto.hmac.sha256', hmac('sha256')],
  ['crypto.hmac.sha512', hmac('sha512')],
  ['crypto.hmac.equal', (a, b) => text(a) === text(b)],
  ['hex.encode', (value) => bytesOf(text(value)).toString('hex')],
  ['hex.decode', (value) => hexDecode(text(value))],
  ['json.is_valid', (value) => isValid(() => JSON.parse(text(value)))],
  ['json.unmarshal', (value) => unmarshal(text(value))],
  ['json.marshal', (value) => toJson(value ?? null)],
  ['json.marshal_with_options', (value, options) => marshal(value ?? null, object(options))],
  ['urlquery.encode', (value) => queryEscape(text(value))],
  ['urlquery.decode', (value) => queryUnescape(text(value))],
  ['urlquery.encode_object', (value) => encodeObject(object(value))],
  ['urlquery.decode_object', (value) => decodeObject(text(value))],
];

function isValid(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof OperandError || error instanceof SyntaxError) return false;
    throw error;
  }
}

/** JSON.parse tells what is JSON; it would round numbers. */
function unmarshal(value: string): RegoValue {
  if (!isValid(() => JSON.parse(value))) throw new OperandError('not JSON');
  return parseRegoValue(value);
}

/** Go's encoding/base64: line breaks are skipped, padding is required, and what is beyond the last byte is not looked at. */
function base64Decode(value: string, symbols: '+/' | '-_'): string {
  const digits = value.replace(/[\r\n]/g, '');
  const alphabet = symbols === '+/' ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9_-]*={0,2}$/;
  if (digits.length % 4 !== 0 || !alphabet.test(digits)) throw new OperandError('not base64');
  return textOfBytes(Buffer.from(digits, 'base64'));
}

/** RFC 7515, appendix C: the padding may be missing. */
function padded(value: string): string {
  const missing = value.endsWith('=') ? 0 : (4 - (value.length % 4)) % 4;
  return value + '='.repeat(missing);
}

function hexDecode(value: string): string {
  if (value.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(value)) throw new OperandError('not hexadecimal');
  return textOfBytes(Buffer.from(value, 'hex'));
}

/** Go's url.QueryEscape: all but letters, digits and `-_.~`; a space is `+`. */
function queryEscape(value: string): string {
  const bytes = [...bytesOf(value)].map((byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(character)) return character;
    return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return bytes.join('');
}

function queryUnescape(value: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(value)) throw new OperandError('not a query string');
  const bytes = value.replaceAll('+', ' ').split(/(%[0-9a-fA-F]{2})/);
  return textOfBytes(
    Buffer.concat(
      bytes.map((part, index) => (index % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))),
    ),
  );
}

function encodeObject(value: Map<RegoValue, RegoValue>): string {
  const pairs = sortedEntries(value).flatMap(([key, member]) => {
    const name = queryEscape(jsonKey(key));
    if (typeof member === 'string') return [`${name}=${queryEscape(member)}`];
    const members = member instanceof Set ? sortedMembers(member) : member;
    if (!Array.isArray(members)) throw new OperandError('not a string, array or set');
    return members.map((item) => `${name}=${queryEscape(text(item))}`);
  });
  return pairs.join('&');
}

function decodeObject(query: string): Map<RegoValue, RegoValue> {
  const found = new Map<RegoValue, RegoValue[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    if (part.includes(';')) throw new OperandError('semicolon in query');
    const equals = part.indexOf('=');
    const key = queryUnescape(equals < 0 ? part : part.slice(0, equals));
    found.set(key, [...(found.get(key) ?? []), queryUnescape(equals < 0 ? '' : part.slice(equals + 1))]);
  }
  return found;
}

interface MarshalOptions {
  prefix: string;
  indent: string;
  pretty: boolean;
}

function marshal(value: RegoValue, options: Map<RegoValue, RegoValue>): string {
  const { prefix, indent, pretty } = marshalOptions(options);
  return pretty ? prefix + toJson(value, { prefix, indent }, `\n${prefix}`) : toJson(value);
}

function marshalOptions(options: Map<RegoValue, RegoValue>): MarshalOptions {
  const chosen: MarshalOptions = { prefix: '', indent: '\t', pretty: false };
  for (const [key, value] of options) {
    if (key === 'prefix' || key === 'indent') chosen[key] = text(value);
    else if (key !== 'pretty' || typeof value !== 'boolean') throw new OperandError('unknown option');
  }
  const pretty = options.get('pretty');
  chosen.pretty = typeof pretty === 'boolean' ? pretty : options.has('prefix') || options.has('indent');
  return chosen;
}

/** Go's encoding/json: keys sorted by bytes, sets as arrays, `<`, `>`, `&` and the line separators escaped. */
function toJson(value: RegoValue, layout?: { prefix: string; indent: string }, newline = ''): string {
  if (typeof value === 'string') return jsonString(value);
  const inner = layout === undefined ? '' : newline + layout.indent;
  const list = value instanceof Set ? sortedMembers(value) : value;
  if (Array.isArray(list))
    return wrap(
      list.map((item) => toJson(item, layout, inner)),
      '[]',
      inner,
      newline,
    );
  if (!(list instanceof Map)) return list instanceof RegoNumber ? list.text : numberText(list);
  const colon = layout === undefined ? ':' : ': ';
  const entries = [...list].map(([key, member]) => [jsonKey(key), member] as const);
  const members = entries
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, member]) => jsonString(key) + colon + toJson(member, layout, inner));
  return wrap(members, '{}', inner, newline);
}

function wrap(items: string[], brackets: string, inner: string, newline: string): string {
  if (items.length === 0) return brackets;
  refuseBulk(items.reduce((sum, item) => sum + item.length + inner.length, 0));
  return `${brackets[0]}${inner}${items.join(`,${inner}`)}${newline}${brackets[1]}`;
}

function jsonKey(key: RegoValue): string {
  return typeof key === 'string' ? key : regoText(key);
}

function jsonString(value: string): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
