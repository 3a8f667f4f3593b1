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
    const uuid = uuidV7(1_000);
    const key = ['2026-11-24T12:00:00.000Z', uuid, 4, 'web'];
    expect(decodeCursor(encodeCursor('-at', key), '-at', ['time', 'uuid', 'integer', 'text'])).toEqual(key);
  });
  it.each([
    '',
    '%%%',
    'bm9wZQ',
    encodeCursor('name', ['a']),
    encodeCursor('-at', ['a']),
    encodeCursor('-at', ['yesterday', 'x']),
    encodeCursor('-at', ['0000-01-01T00:00:00.000Z', 'x']),
    encodeCursor('-at', ['2026-13-40T00:00:00.000Z', 'x']),
    encodeCursor('-at', ['2026-11-24T12:00:00.000Z', 'x\0']),
    encodeCursor('-at', ['2026-11-24T12:00:00.000Z', 7]),
    Buffer.from('["-at",{},1]').toString('base64url'),
  ])('a cursor that is not of this list is refused: %s', (cursor) =>
    expect(() => decodeCursor(cursor, '-at', ['time', 'text'])).toThrow(AppError),
  );
});
