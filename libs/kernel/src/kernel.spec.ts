import { describe, expect, it } from '@jest/globals';
import { AppError, canonicalJson, decodeCursor, encodeCursor, parsePublicId, publicId, uuidV7 } from './index.js';

describe('ids', () => {
  it('an id reads back as the UUID it was made of', () => {
    const uuid = uuidV7(1_700_000_000_000);
    expect(parsePublicId('cluster', publicId('cluster', uuid))).toBe(uuid);
    expect(
      parsePublicId(
        'cluster',
        publicId('cluster', uuid).replace(/_.*/, (s) => s.toLowerCase()),
      ),
    ).toBe(uuid);
  });
  it('later ids sort after earlier ones', () => {
    expect(publicId('run', uuidV7(2000)) > publicId('run', uuidV7(1000))).toBe(true);
  });
  it.each([
    '',
    'cls_',
    'cls_01J',
    'run_00000000000000000000000000',
    'cls_ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
    'cls_!0000000000000000000000000',
  ])('text that is no cluster id is not one: %s', (text) => expect(parsePublicId('cluster', text)).toBeNull());
});

describe('canonical JSON', () => {
  it('the order of keys does not change the text', () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: 'é' }] })).toBe('{"a":[{"c":"é","d":null}],"b":1}');
  });
});

describe('cursors', () => {
  it('reads back the key of the last row', () => {
    expect(decodeCursor(encodeCursor('-at', ['2026', 'x']), '-at', 2)).toEqual(['2026', 'x']);
  });
  it.each([
    '',
    '%%%',
    'bm9wZQ',
    encodeCursor('name', ['a']),
    encodeCursor('-at', ['a']),
    Buffer.from('["-at",{},1]').toString('base64url'),
  ])('a cursor that is not of this list is refused: %s', (cursor) =>
    expect(() => decodeCursor(cursor, '-at', 2)).toThrow(AppError),
  );
});
