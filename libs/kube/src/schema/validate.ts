import { isJsonObject, type Json } from '#kernel';
import { describeValue } from '../describe-value.js';
import { isMaskedValue } from '../masked.js';
import { formatPath, type PathSegment } from '../path.js';
import type { Shape } from './shape.js';

/** What is wrong with an object, and where. */
export interface ObjectProblem {
  /** Dotted from the object's root; empty for the object itself. */
  path: string;
  /** What would be right and what was found, to be read after the path: `must be a boolean, got string "false"`. */
  message: string;
}

/** One object with many mistakes is told about so many of them. */
const MAX_PROBLEMS = 50;
const INT32_MAX = 2 ** 31 - 1;

/**
 * The grammar of resource.Quantity: a signed decimal and a binary or decimal suffix, or an exponent.
 * Source: k8s.io/apimachinery/pkg/api/resource.
 */
const QUANTITY = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/;

type Check = (value: Json) => boolean;

const isInteger = (value: Json, limit: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= limit;

/** Type → what the message calls it, and whether a value is of it. */
const SCALARS: Record<Exclude<Shape['type'], 'list' | 'map' | 'object'>, [string, Check]> = {
  string: ['a string', (value) => typeof value === 'string'],
  text: ['a string', (value) => typeof value === 'string' || isMaskedValue(value)],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  int32: ['a 32-bit integer', (value) => isInteger(value, INT32_MAX)],
  int64: ['an integer', (value) => isInteger(value, 2 ** 63)],
  quantity: [
    'a quantity such as "500m" or "1Gi"',
    (value) => typeof value === 'number' || (typeof value === 'string' && QUANTITY.test(value.trim())),
  ],
  intOrString: ['an integer or a string', (value) => typeof value === 'string' || isInteger(value, INT32_MAX)],
  any: ['anything', () => true],
};

/** Collects what is wrong in one object. */
export class ShapeValidator {
  readonly problems: ObjectProblem[] = [];
  private readonly path: PathSegment[] = [];

  /**
   * @param value of the object, without null
   * @param shape what it must be
   * @param at path of the value from the object's root
   */
  check(value: Json, shape: Shape, at: readonly PathSegment[] = []): void {
    this.path.splice(0, this.path.length, ...at);
    this.visit(value, shape);
  }

  private visit(value: Json | undefined, shape: Shape): void {
    if (this.problems.length >= MAX_PROBLEMS || value === undefined) return;
    if (shape.type === 'list') return this.list(value, shape.of);
    if (shape.type === 'map') return this.map(value, shape.of);
    if (shape.type === 'object') return this.object(value, shape.fields);
    const [name, isOf] = SCALARS[shape.type];
    if (!isOf(value)) this.refuse(`must be ${integerName(name, value)}`, value);
  }

  private list(value: Json, of: Shape): void {
    if (!Array.isArray(value)) return this.refuse('must be a list', value);
    value.forEach((item, index) => this.within(index, item, of));
  }

  private map(value: Json, of: Shape): void {
    if (!isJsonObject(value)) return this.refuse('must be an object', value);
    for (const [key, item] of Object.entries(value)) this.within(key, item, of);
  }

  private object(value: Json, known: ReadonlyMap<string, Shape>): void {
    if (!isJsonObject(value)) return this.refuse('must be an object', value);
    for (const [key, item] of Object.entries(value)) {
      const shape = known.get(key);
      if (shape) this.within(key, item, shape);
    }
  }

  private within(segment: PathSegment, value: Json, shape: Shape): void {
    this.path.push(segment);
    this.visit(value, shape);
    this.path.pop();
  }

  private refuse(expected: string, value: Json): void {
    this.problems.push({ path: formatPath(this.path), message: `${expected}, got ${describeValue(value)}` });
  }
}

/** Only where the size matters is it worth a word. */
function integerName(name: string, value: Json): string {
  return name === 'a 32-bit integer' && !(typeof value === 'number' && Number.isInteger(value)) ? 'an integer' : name;
}
