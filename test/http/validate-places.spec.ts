import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '#contracts';
import { TestPlatform } from '../support/test-platform.js';

const HEAD = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
`;
/** By what it is written as: a text, and where the image stands in it: what an alias stands for is found where that is used. */
const WRITTEN: Record<string, [path: string, text: string, line: number, column: number]> = {
  'a block': ['a.yaml', `${HEAD}spec:\n  containers:\n    - name: app\n      image: nginx:latest\n`, 7, 7],
  'a flow': ['a.yaml', `${HEAD}spec: { containers: [{ name: app, image: "nginx:latest" }] }\n`, 4, 35],
  'a later document': [
    'a.yaml',
    `${HEAD}spec: { containers: [] }\n---\n# the next\n${HEAD.replace('web', 'api')}spec:\n  containers:\n    - name: app\n      image: nginx:latest\n`,
    13,
    7,
  ],
  'an alias': [
    'a.yaml',
    `${HEAD}x-image: &image nginx:latest\nspec:\n  containers:\n    - name: app\n      image: *image\n`,
    8,
    7,
  ],
  'a merge key': [
    'a.yaml',
    `${HEAD}x-base: &base\n  image: nginx:latest\nspec:\n  containers:\n    - name: app\n      <<: *base\n`,
    5,
    3,
  ],
  'an item of a List': [
    'a.yaml',
    `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata: { name: web, namespace: shop }\n    spec:\n      containers:\n        - name: app\n          image: nginx:latest\n`,
    10,
    11,
  ],
  JSON: [
    'a.json',
    JSON.stringify(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'shop' },
        spec: { containers: [{ name: 'app', image: 'nginx:latest' }] },
      },
      null,
      2,
    ),
    12,
    9,
  ],
  'lines that end as on Windows': [
    'a.yaml',
    `${HEAD}spec:\n  containers:\n    - name: app\n      image: nginx:latest\n`.replaceAll('\n', '\r\n'),
    7,
    7,
  ],
};

describe('the place of a violation', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  it.each(Object.entries(WRITTEN))('is the field’s own in %s', async (_what, [path, content, line, column]) => {
    const { status, body } = await platform.owner.post('/api/v1/validate', { files: [{ path, content }] });
    expect([status, body]).toEqual([200, expect.anything()]);
    const found = (body as ValidationResult).violations.filter(({ policy }) => policy.slug === 'no-latest-tag');
    expect(found.map(({ location, findings }) => [location, findings[0]?.location])).toEqual([
      [
        { path, line, column },
        { path, line, column },
      ],
    ]);
  });
});
