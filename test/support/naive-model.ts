import type { JsonObject } from '#kernel';

/** A verdict as the naive model has it. */
export type NaiveVerdict = 'pass' | 'fail';

/** One object of the model: which image it has decides, by a rule of one line, whether it violates. */
export interface NaiveObject {
  namespace: string;
  name: string;
  image: string;
}

/**
 * What a cluster's violations should be, worked out from nothing but its objects: no memo, no history, no queues. The
 * real platform is held against it after random histories.
 */
export class NaiveModel {
  private readonly objects = new Map<string, NaiveObject>();
  /** How often each object's violation has opened. */
  private readonly openings = new Map<string, number>();
  private open = new Set<string>();

  /** What a batch says. */
  put(object: NaiveObject): void {
    this.objects.set(keyOf(object), object);
  }

  /** What is gone. */
  remove(object: NaiveObject): void {
    this.objects.delete(keyOf(object));
  }

  /** A whole listing. */
  replaceAll(objects: readonly NaiveObject[]): void {
    this.objects.clear();
    for (const object of objects) this.put(object);
  }

  /** Everything was judged: openings are counted from one such moment to the next. */
  judge(): void {
    const failing = new Set([...this.objects.values()].filter(({ image }) => verdictOf(image) === 'fail').map(keyOf));
    for (const key of failing) if (!this.open.has(key)) this.openings.set(key, (this.openings.get(key) ?? 0) + 1);
    this.open = failing;
  }

  /** @returns `namespace/name` of what fails now */
  failing(): string[] {
    return [...this.open].sort();
  }

  /** @returns how often each violation has opened so far */
  intervals(): Record<string, number> {
    return Object.fromEntries(this.openings);
  }

  /** @returns counts by namespace */
  counts(): Record<string, { pass: number; fail: number }> {
    const counts: Record<string, { pass: number; fail: number }> = {};
    for (const { namespace, image } of this.objects.values()) {
      const entry = (counts[namespace] ??= { pass: 0, fail: 0 });
      entry[verdictOf(image)]++;
    }
    return counts;
  }

  get size(): number {
    return this.objects.size;
  }
}

/** @returns the object as Kubernetes has it */
export function asPod({ namespace, name, image }: NaiveObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { containers: [{ name: 'app', image }] },
  };
}

function verdictOf(image: string): NaiveVerdict {
  return image.includes(':') && !image.endsWith(':latest') ? 'pass' : 'fail';
}

function keyOf({ namespace, name }: NaiveObject): string {
  return `${namespace}/${name}`;
}
