import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '#kernel';
import { indexKey, indexKeys, KEY_BYTES_MAX, KEYS_MAX, parseFieldPath, valuesAt } from './index-keys.js';

const path = (text: string) => {
  const parsed = parseFieldPath(text);
  if (parsed === undefined) throw new Error(`${text} is no path`);
  return parsed;
};
const at = (object: JsonObject, text: string): Json[] => valuesAt(object, path(text));

describe('a path of a policy’s metadata', () => {
  it.each([
    ['spec.host', false, ['spec', 'host']],
    ['spec.rules[].host', false, ['spec', 'rules', '[]', 'host']],
    ['spec.hosts[]', false, ['spec', 'hosts', '[]']],
    ['spec.matrix[][].x', false, ['spec', 'matrix', '[]', '[]', 'x']],
    ['@pod.containers[].ports', true, ['containers', '[]', 'ports']],
    ['@pod', true, []],
  ])('%s is read', (text, fromPodSpec, steps) => {
    expect(parseFieldPath(text)).toEqual({ fromPodSpec, steps });
  });

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    '[]',
    'a[0]',
    'a[',
    'a]',
    '@pods.a',
    'a.@pod',
    'a b',
    'a,b',
    'ref(a)',
    '@podx',
  ])('"%s" is none', (text) => {
    expect(parseFieldPath(text)).toBeUndefined();
  });
});

describe('what stands at a path', () => {
  const object: JsonObject = {
    apiVersion: 'example.org/v1',
    kind: 'Thing',
    spec: { host: 'a', none: null, rules: [{ host: 'x' }, {}, 'text', { host: null }, { host: 'y' }, { host: 'x' }] },
  };

  it('is every value in the order of the document; null and what is of another shape are absent', () => {
    expect(at(object, 'spec.rules[].host')).toEqual(['x', 'y', 'x']);
    expect([at(object, 'spec.none'), at(object, 'spec.host[]'), at(object, 'spec.host.x'), at(object, 'a')]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('is never what every JavaScript object has', () => {
    expect(at(object, 'spec.constructor.name')).toEqual([]);
    expect(at(object, 'spec.rules.length')).toEqual([]);
  });

  it.each([
    ['v1', 'Pod', (spec: JsonObject) => ({ spec })],
    ['apps/v1', 'Deployment', (spec: JsonObject) => ({ spec: { template: { spec } } })],
    ['batch/v1', 'CronJob', (spec: JsonObject) => ({ spec: { jobTemplate: { spec: { template: { spec } } } } })],
    ['v1', 'PodTemplate', (spec: JsonObject) => ({ template: { spec } })],
  ])('lies below the pod spec, wherever %s %s has it', (apiVersion, kind, around) => {
    const spec = { containers: [{ name: 'a', ports: [{ hostPort: 80 }, {}] }, { name: 'b' }] };
    expect(at({ apiVersion, kind, ...around(spec) }, '@pod.containers[].ports[].hostPort')).toEqual([80]);
  });

  it('is nothing below a pod spec that is not there', () => {
    expect(at({ apiVersion: 'v1', kind: 'Service', spec: { containers: [] } }, '@pod.containers[].name')).toEqual([]);
  });
});

describe('a key', () => {
  const holding = (...values: Json[]): JsonObject => ({ values });
  const keys = (...values: Json[]): string[] => indexKeys(holding(...values), path('values[]'));

  it('is the value’s canonical text: a number is no text, the order of members is nothing', () => {
    expect(keys(80, '80', 80, { b: 1, a: [] }, { a: [], b: 1 })).toEqual(['80', '"80"', '{"a":[],"b":1}']);
  });

  it('is never a masked value: two that look alike may differ (V3)', () => {
    expect(keys({ $masked: 'secret' }, { $masked: 'nothing of ours' })).toEqual(['{"$masked":"nothing of ours"}']);
  });

  it('that is long is kept as its digest, and two long ones stay two', () => {
    const long = 'é'.repeat(KEY_BYTES_MAX);
    const [first = '', second = ''] = keys(long, `${long}x`);
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(second).not.toBe(first);
    expect(indexKey('x'.repeat(KEY_BYTES_MAX - 2))).toHaveLength(KEY_BYTES_MAX);
    expect(indexKey('x'.repeat(KEY_BYTES_MAX - 1))).toMatch(/^sha256:/);
  });

  it('holds nothing that Postgres refuses', () => {
    expect(keys('\u0000', '\ud800').join('')).toMatch(/^[\x20-\x7e]+$/);
  });

  it('is one of a thousand, where a document has more', () => {
    expect(keys(...Array.from({ length: KEYS_MAX + 5 }, (_, i) => i))).toHaveLength(KEYS_MAX);
  });
});
