import { isJsonObject, type Json } from '#kernel';
import type { LineIndex, TextPosition } from './line-index.js';
import { parsePath, type PathSegment } from './path.js';

/** Where a value was written: its key's offset in a map, its own in a list; and its children's places. */
export interface Place {
  offset: number;
  children?: Map<string, Place> | Place[];
}

/**
 * The places of a value as plain data, which can be sent between threads: for each value in the order of a walk through
 * the object (a map before its values, keys as `Object.keys` gives them) line, column and how many values it holds with
 * itself.
 */
export interface Positions {
  cells: Uint32Array;
  /** Index of the value they begin with; not 0 for an item of a list. */
  root: number;
}

const CELLS_PER_VALUE = 3;

function childPlace(place: Place, segment: PathSegment): Place {
  const { children } = place;
  const child = Array.isArray(children) ? children[Number(segment)] : children?.get(String(segment));
  return child ?? { offset: place.offset };
}

/**
 * @param value as read
 * @param place the same value's places
 * @param lines of the text it was read from
 */
export function encodePositions(value: Json, place: Place, lines: LineIndex): Positions {
  const cells: number[] = [];
  const walk = (node: Json, at: Place): void => {
    const cell = cells.length;
    const { line, column } = lines.at(at.offset);
    cells.push(line, column, 0);
    if (Array.isArray(node)) node.forEach((item, index) => walk(item, childPlace(at, index)));
    else if (isJsonObject(node)) for (const key of Object.keys(node)) walk(node[key] ?? null, childPlace(at, key));
    cells[cell + 2] = (cells.length - cell) / CELLS_PER_VALUE;
  };
  walk(value, place);
  return { cells: Uint32Array.from(cells), root: 0 };
}

function positionAt(positions: Positions, index: number): TextPosition {
  const cell = index * CELLS_PER_VALUE;
  return { line: positions.cells[cell] ?? 1, column: positions.cells[cell + 1] ?? 1 };
}

function sizeAt(positions: Positions, index: number): number {
  return positions.cells[index * CELLS_PER_VALUE + 2] ?? 1;
}

/** Steps from a value to its child; undefined where it has none of that name. */
function step(
  positions: Positions,
  index: number,
  value: Json,
  segment: PathSegment,
): { index: number; value: Json } | undefined {
  const isList = Array.isArray(value);
  if (!isList && !isJsonObject(value)) return undefined;
  const entries = isList ? value.map((item, i): [string, Json] => [String(i), item]) : Object.entries(value);
  const end = index + sizeAt(positions, index);
  let at = index + 1;
  for (const [key, child] of entries) {
    if (at >= end) return undefined;
    if (key === String(segment)) return { index: at, value: child };
    at += sizeAt(positions, at);
  }
  return undefined;
}

/**
 * Follows a path as far as it leads.
 * @param positions of the value
 * @param value as read
 * @param segments the path's steps
 * @returns the index of the last value on the way that is there, and how many steps led to it
 */
export function followPath(
  positions: Positions,
  value: Json,
  segments: readonly PathSegment[],
): { index: number; value: Json; steps: number } {
  let found = { index: positions.root, value, steps: 0 };
  for (const segment of segments) {
    const next = step(positions, found.index, found.value, segment);
    if (!next) break;
    found = { ...next, steps: found.steps + 1 };
  }
  return found;
}

/**
 * @param positions of the value
 * @param value as read
 * @param path dotted, as findings have it
 * @returns where the value at the path was written, or the nearest one around it that is there
 */
export function locateIn(positions: Positions, value: Json, path: string): TextPosition {
  return positionAt(positions, followPath(positions, value, parsePath(path)).index);
}
