import { isJsonObject, type Json, type JsonObject } from '#kernel';
import type { PathSegment } from '../path.js';
import type { Shape } from './shape.js';

/** A string in which people put secrets, and what holds it. */
export interface TextPlace {
  value: string;
  path: readonly PathSegment[];
  parent: JsonObject | Json[];
}

function visit(value: Json, shape: Shape, path: PathSegment[], parent: JsonObject | Json[], found: TextPlace[]): void {
  if (shape.type === 'text') {
    if (typeof value === 'string') found.push({ value, path: [...path], parent });
  } else if (shape.type === 'list' && Array.isArray(value)) {
    value.forEach((item, index) => descend(item, shape.of, index, path, value, found));
  } else if (shape.type === 'map' && isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) descend(item, shape.of, key, path, value, found);
  } else if (shape.type === 'object' && isJsonObject(value)) {
    for (const [key, child] of shape.fields) {
      if (Object.hasOwn(value, key)) descend(value[key] ?? null, child, key, path, value, found);
    }
  }
}

function descend(
  value: Json,
  shape: Shape,
  segment: PathSegment,
  path: PathSegment[],
  parent: JsonObject | Json[],
  found: TextPlace[],
): void {
  path.push(segment);
  visit(value, shape, path, parent, found);
  path.pop();
}

/**
 * Finds the strings of an object that its shape marks as `text`.
 * @param object that fits the shape
 * @param shape of its kind
 * @param at path of the object from the root, where it is a part of one
 */
export function textsOf(object: JsonObject, shape: Shape, at: readonly PathSegment[] = []): TextPlace[] {
  const found: TextPlace[] = [];
  visit(object, shape, [...at], object, found);
  return found;
}
