/** What a field must be, as far as Kubernetes would refuse anything else. Fields that a shape doesn't name are left alone. */
export type Shape =
  | { type: 'string' | 'boolean' | 'int32' | 'int64' | 'quantity' | 'intOrString' | 'text' | 'any' }
  | { type: 'list'; of: Shape }
  | { type: 'map'; of: Shape }
  | { type: 'object'; fields: ReadonlyMap<string, Shape> };

export const string: Shape = { type: 'string' };
export const boolean: Shape = { type: 'boolean' };
export const int32: Shape = { type: 'int32' };
export const int64: Shape = { type: 'int64' };
/** Text or number, by the grammar of resource.Quantity. */
export const quantity: Shape = { type: 'quantity' };
export const intOrString: Shape = { type: 'intOrString' };
/** A string in which people put secrets: it may have been masked before. */
export const text: Shape = { type: 'text' };
export const any: Shape = { type: 'any' };

export const list = (of: Shape): Shape => ({ type: 'list', of });
export const map = (of: Shape): Shape => ({ type: 'map', of });
export const object = (fields: Record<string, Shape> = {}): Shape & { type: 'object' } => ({
  type: 'object',
  fields: new Map(Object.entries(fields)),
});

/** Fields of one shape after each other: `fields(string, 'name image')`. */
export const fields = (shape: Shape, names: string): Record<string, Shape> =>
  Object.fromEntries(names.split(' ').map((name) => [name, shape]));
