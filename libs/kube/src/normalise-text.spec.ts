import { describe, expect, it } from '@jest/globals';
import { normalise } from './index.js';

const aPod = (metadata: object, image = 'nginx') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', ...metadata },
  spec: { containers: [{ name: 'app', image }] },
});

describe('an object with what is no text', () => {
  it('is mended in values and keys, so that it is judged and kept like the others', () => {
    const result = normalise(aPod({ annotations: { 'a\0': 'x\ud800' } }, 'nginx\0') as never);
    expect(result).toMatchObject({
      ok: true,
      object: { metadata: { annotations: { 'a\ufffd': 'x\ufffd' } }, spec: { containers: [{ image: 'nginx\ufffd' }] } },
    });
    if (result.ok) expect(normalise(result.object)).toMatchObject({ object: result.object });
  });

  it('is refused where there can be no such kind', () => {
    const refusal = (changes: object): unknown => normalise({ ...aPod({}), ...changes } as never);
    expect(refusal({ kind: 'K'.repeat(64) })).toMatchObject({ ok: false, problems: [{ path: 'kind' }] });
    expect(refusal({ apiVersion: `${'g'.repeat(317)}/v1` })).toMatchObject({
      ok: false,
      problems: [{ path: 'apiVersion' }],
    });
    expect(refusal({ kind: 'K'.repeat(63), apiVersion: 'example.com/v1' })).toMatchObject({ ok: true });
  });
});
