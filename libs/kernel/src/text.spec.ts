import { describe, expect, it } from '@jest/globals';
import { isStorable, jsonPointer, mendJson, mendText, unstorableAt } from './index.js';

const HALVES = ['\ud800', '\udfff', 'a\ud800b', '\udc00\ud800'];

describe('text', () => {
  it.each(['', 'nginx:1.27', 'ÄÖ \t\n\u0001', '日本', '😀', '\ufffd'])('that is text stays as it is: %j', (text) => {
    expect([isStorable(text), mendText(text)]).toEqual([true, text]);
  });

  it.each(['\0', 'a\0b\0', ...HALVES])('that is none is mended, and stays mended: %j', (text) => {
    expect(isStorable(text)).toBe(false);
    const mended = mendText(text);
    expect([isStorable(mended), mendText(mended), mended.length]).toEqual([true, mended, text.length]);
  });

  it('is mended wherever it stands in a value, in keys too; other values stay', () => {
    expect(mendJson({ 'a\0': ['\ud800', { b: 'x\0' }, 1, null, true] })).toEqual({
      'a\ufffd': ['\ufffd', { b: 'x\ufffd' }, 1, null, true],
    });
    const hostile = mendJson(JSON.parse('{"__proto__":{"polluted":"\\u0000"}}') as never);
    expect(Object.keys(hostile as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('that can’t be stored is found with its place', () => {
    expect(unstorableAt({ a: [{ b: 'fine' }, { b: '\0' }] })).toEqual(['a', '1', 'b']);
    expect(unstorableAt({ labels: { 'x\0': 1 } })).toEqual(['labels', 'x\0']);
    expect(unstorableAt('\ud800')).toEqual([]);
    for (const fine of [undefined, null, 7, 'x', { a: [1, 'b', { c: null }] }])
      expect(unstorableAt(fine)).toBeUndefined();
  });
});

describe('a pointer', () => {
  it('escapes what means something in it (RFC 6901)', () => {
    expect(jsonPointer(['labels', 'a/b~c', '0'])).toBe('/labels/a~1b~0c/0');
    expect(jsonPointer([])).toBe('');
  });
});
