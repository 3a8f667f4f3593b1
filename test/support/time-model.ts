import type { NaiveObject } from './naive-model.js';

const DISCONNECTED_MS = 600_000;

/** What a cluster held from a moment on. */
interface Chapter {
  from: number;
  objects: ReadonlyMap<string, NaiveObject>;
}

/** What one should be told of a cluster as of a moment, worked out by looking it up in a diary: no steps, no spans. */
export class TimeModel {
  private readonly chapters: Chapter[] = [{ from: 0, objects: new Map() }];
  private readonly signs: number[] = [];

  /** A sign of life, at milliseconds since 1970. */
  sign(at: number): void {
    this.signs.push(at);
  }

  /** From a moment on there are exactly these objects. */
  hold(at: number, objects: Iterable<NaiveObject>): void {
    const held = new Map([...objects].map((object) => [`${object.namespace}/${object.name}`, object]));
    this.chapters.push({ from: at, objects: held });
  }

  /** @returns `namespace/name` of what was there */
  objectsAt(at: number): string[] {
    return [...this.chapterAt(at).keys()].sort();
  }

  /** @returns `namespace/name` of what failed */
  failingAt(at: number): string[] {
    return [...this.chapterAt(at)].flatMap(([key, object]) => (fails(object) ? [key] : [])).sort();
  }

  /** @returns counts as a score is made of them */
  countsAt(at: number): { pass: number; fail: number; unknown: number } {
    const objects = [...this.chapterAt(at).values()];
    const fail = objects.filter(fails).length;
    if (this.isUnknownAt(at)) return { pass: 0, fail: 0, unknown: objects.length };
    return { pass: objects.length - fail, fail, unknown: 0 };
  }

  /** @returns whether nobody had heard of the cluster for ten minutes */
  isUnknownAt(at: number): boolean {
    const last = this.signs.filter((sign) => sign <= at).at(-1);
    return last !== undefined && at - last >= DISCONNECTED_MS;
  }

  private chapterAt(at: number): ReadonlyMap<string, NaiveObject> {
    return this.chapters.filter(({ from }) => from <= at).at(-1)?.objects ?? new Map();
  }
}

function fails({ image }: NaiveObject): boolean {
  return !image.includes(':') || image.endsWith(':latest');
}
