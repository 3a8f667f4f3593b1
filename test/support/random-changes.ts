import type { FaultyCluster } from './faulty-cluster.js';
import type { NaiveObject } from './naive-model.js';

/**
 * @param count how many objects there may be
 * @returns them, with an image that passes
 */
export function manyObjects(count: number): NaiveObject[] {
  return Array.from({ length: count }, (_, index) => ({
    namespace: index % 3 === 0 ? 'data' : 'shop',
    name: `pod-${String(index).padStart(3, '0')}`,
    image: 'nginx:1',
  }));
}

/** Each object changes at most once: whenever that is judged, as many intervals come of it. */
export function changeAll(cluster: FaultyCluster, objects: readonly NaiveObject[], random: () => number): void {
  for (const object of objects) {
    if (random() < 0.25 && cluster.has(object)) cluster.remove(object);
    else if (random() < 0.6) cluster.put(withImage(object, random));
  }
}

/** The object with an image that fails, or one that passes. */
export function withImage(object: NaiveObject, random: () => number): NaiveObject {
  return { ...object, image: random() < 0.5 ? 'nginx' : 'nginx:1' };
}

/** Deals things out like cards, in random order. */
export function dealt<Item>(items: readonly Item[], hands: number, random: () => number): Item[][] {
  const shuffled = items.map((item) => ({ item, at: random() })).sort((a, b) => a.at - b.at);
  return Array.from({ length: hands }, (_, hand) =>
    shuffled.filter((_item, index) => index % hands === hand).map(({ item }) => item),
  );
}

/** Mulberry32: small, and the same on every machine. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
