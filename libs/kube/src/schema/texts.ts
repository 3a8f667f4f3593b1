import { isJsonObject, type Json, type JsonObject } from '#kernel';
import type { PathSegment } from '../path.js';
import type { Shape } from './shape.js';

/** A string in which people put secrets, and what holds it. */
export interface TextPlace {
  value: string;
  path: readonly PathSegment[];
  parent: JsonObject | Json[];
}

class TextFinder {
  readonly found: TextPlace[] = [];

  constructor(private readonly path: PathSegment[]) {}

  visit(value: Json, shape: Shape, parent: JsonObject | Json[]): void {
    if (shape.type === 'text') {
      if (typeof value === 'string') this.found.push({ value, path: [...this.path], parent });
    } else if (shape.type === 'list' && Array.isArray(value)) {
      value.forEach((item, index) => this.within(index, item, shape.of, value));
    } else if (shape.type === 'map' && isJsonObject(value)) {
      for (const [key, item] of Object.entries(value)) this.within(key, item, shape.of, value);
    } else if (shape.type === 'object' && isJsonObject(value)) {
      for (const [key, child] of shape.fields) {
        if (Object.hasOwn(value, key)) this.within(key, value[key] ?? null, child, value);
      }
    }
  }

  private within(segment: PathSegment, value: Json, shape: Shape, parent: JsonObject | Json[]): void {
    this.path.push(segment);
    this.visit(value, shape, parent);
    this.path.pop();
  }
}

/**
 * Finds the strings of an object that its shape marks as `text`.
 * @param object that fits the shape
 * @param shape of its kind
 * @param at path of the object from the root, where it is a part of one
 */
export function textsOf(object: JsonObject, shape: Shape, at: readonly PathSegment[] = []): TextPlace[] {
  const finder = new TextFinder([...at]);
  finder.visit(object, shape, object);
  return finder.found;
}
