import { canonicalJson, copyJson, type Json, type JsonObject } from '#kernel';
import type { FixOperation } from './verdict.js';

/** A patch that does not fit the object. */
export class PatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatchError';
  }
}

interface PatchRoot {
  holder: { document: Json };
  /** Characters of JSON so far. */
  copied: number;
}

const MAX_COPIED = 1_000_000;

/**
 * Applies a JSON Patch (RFC 6902) to a copy of an object.
 * @param object the object; it stays as it is
 * @param operations in order
 * @returns the patched copy
 * @throws PatchError where a path leads nowhere, a test fails, or a key is `__proto__`
 */
export function applyPatch(object: JsonObject, operations: readonly FixOperation[]): JsonObject {
  const root: PatchRoot = { holder: { document: copyJson(object) }, copied: 0 };
  for (const operation of operations) applyOperation(root, operation);
  const { document } = root.holder;
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new PatchError('the patch leaves no object');
  }
  return document;
}

function applyOperation(root: PatchRoot, { op, path, from, value }: FixOperation): void {
  if (op === 'move' || op === 'copy') {
    const place = locate(root.holder, from ?? '');
    const found = read(place);
    if (op === 'move') remove(place);
    else refuseBomb(root, found);
    const moved = copyJson(found);
    return write(locate(root.holder, path), moved, 'add');
  }
  const place = locate(root.holder, path);
  if (op === 'remove') return remove(place);
  if (value === undefined) throw new PatchError(`${op} ${path} has no value`);
  if (op !== 'test') return write(place, copyJson(value), op);
  if (canonicalJson(read(place)) !== canonicalJson(value)) throw new PatchError(`test of ${path} failed`);
}

/** Twenty operations that copy the whole into itself make a million of one. */
function refuseBomb(root: PatchRoot, copied: Json): void {
  root.copied += JSON.stringify(copied).length;
  if (root.copied > MAX_COPIED) throw new PatchError(`the patch copies more than ${MAX_COPIED} characters`);
}

interface Place {
  holder: JsonObject | Json[];
  key: string;
  path: string;
}

/** RFC 6901; the document itself is the member `document` of the root. */
function locate(root: { document: Json }, path: string): Place {
  if (path !== '' && !path.startsWith('/')) throw new PatchError(`${path} is no JSON Pointer`);
  const keys = [
    'document',
    ...path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')),
  ];
  let holder: Json = root;
  for (const key of keys.slice(0, -1)) holder = read({ holder: container(holder, path), key, path });
  return { holder: container(holder, path), key: keys.at(-1) ?? '', path };
}

function container(value: Json, path: string): JsonObject | Json[] {
  if (typeof value !== 'object' || value === null) throw new PatchError(`${path} leads through a plain value`);
  return value;
}

function read({ holder, key, path }: Place): Json {
  const value = Array.isArray(holder) ? holder[index(key, holder.length - 1, path)] : own(holder, key);
  if (value === undefined) throw new PatchError(`${path} does not exist`);
  return value;
}

function own(holder: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function write(place: Place, value: Json, op: 'add' | 'replace'): void {
  const { holder, key, path } = place;
  if (key === '__proto__') throw new PatchError(`${path} is not allowed`);
  if (op === 'replace') read(place);
  if (!Array.isArray(holder)) holder[key] = value;
  else if (op === 'replace') holder[index(key, holder.length - 1, path)] = value;
  else holder.splice(key === '-' ? holder.length : index(key, holder.length, path), 0, value);
}

function remove(place: Place): void {
  const { holder, key, path } = place;
  read(place);
  if (Array.isArray(holder)) holder.splice(index(key, holder.length - 1, path), 1);
  else delete holder[key];
}

function index(key: string, last: number, path: string): number {
  const position = /^(0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN;
  if (!(position <= last)) throw new PatchError(`${path} is outside the list`);
  return position;
}
