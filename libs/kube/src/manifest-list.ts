import { isJsonObject, type Json, type JsonObject } from '#kernel';
import { describeValue } from './describe-value.js';
import { withLocate, type ManifestDocument } from './manifest-document.js';
import type { ManifestErrorCode } from './manifest-limits.js';
import { whyNotKubernetes } from './manifest-object.js';
import { followPath, type Positions } from './positions.js';

/** How deep a List may lie within Lists. */
const MAX_LIST_DEPTH = 10;
const LIST = 'List';

/** A `kind: List`, or a typed one such as `RoleBindingList`; a named object that merely ends so is none. */
function isList(object: JsonObject): boolean {
  const { kind, items, metadata } = object;
  if (typeof kind !== 'string' || !kind.endsWith(LIST)) return false;
  if (isJsonObject(metadata) && typeof metadata['name'] === 'string') return false;
  return kind === LIST || Array.isArray(items);
}

/** The items of a typed list need not say again what they are; what is added comes last, where it shifts no position. */
function typedItem(item: Json, list: JsonObject): Json {
  const { apiVersion, kind } = list;
  if (!isJsonObject(item) || typeof kind !== 'string' || kind === LIST || item['kind'] !== undefined) return item;
  return { ...item, apiVersion: item['apiVersion'] ?? apiVersion ?? null, kind: kind.slice(0, -LIST.length) };
}

function childPositions(document: ManifestDocument, index: number): Positions | undefined {
  const { object, positions } = document;
  if (!object || !positions) return undefined;
  const found = followPath(positions, object, ['items', index]);
  return { cells: positions.cells, root: found.index };
}

function invalid(document: ManifestDocument, code: ManifestErrorCode, message: string, path: string): ManifestDocument {
  const { object: _object, positions: _positions, ...rest } = document;
  return withLocate({ ...rest, status: 'invalid', error: { code, message, ...document.locate(path) } });
}

function itemDocument(document: ManifestDocument, list: JsonObject, item: Json, index: number): ManifestDocument {
  const object = typedItem(item, list);
  const path = `items[${index}]`;
  const itemPath = document.itemPath === undefined ? path : `${document.itemPath}.${path}`;
  const { object: _object, positions: _positions, ...rest } = document;
  const at = { ...rest, ...document.locate(path), itemPath, warnings: [] };
  const wrong = whyNotKubernetes(object);
  if (wrong) {
    return invalid(withLocate(at), wrong.code, `${itemPath} is not a Kubernetes object: ${wrong.message}`, '');
  }
  const positions = childPositions(document, index);
  return withLocate({ ...at, object: object as JsonObject, ...(positions && { positions }) });
}

function expand(document: ManifestDocument, depth: number): ManifestDocument[] {
  const { object } = document;
  if (document.status !== 'ok' || !object || !isList(object)) return [document];
  const items = object['items'] ?? [];
  if (!Array.isArray(items)) {
    return [invalid(document, 'bad_list', `items must be a list, got ${describeValue(items)}`, 'items')];
  }
  if (depth === MAX_LIST_DEPTH) {
    return [invalid(document, 'bad_list', `a List within more than ${MAX_LIST_DEPTH} Lists; unfold it`, 'items')];
  }
  return items.flatMap((item, index) => expand(itemDocument(document, object, item, index), depth + 1));
}

/**
 * Unfolds `kind: List` and typed lists, also in each other: one entry per item, each with its place. What is wrong with
 * one item leaves the others alone. The document's warnings go with its first item.
 * @param document as `readManifests` answered it
 * @returns the document itself where it is no list; nothing where the list is empty
 */
export function expandLists(document: ManifestDocument): ManifestDocument[] {
  const [first, ...others] = expand(document, 0);
  if (!first) return [];
  return [{ ...first, warnings: document.warnings }, ...others];
}
