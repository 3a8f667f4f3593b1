import { describe, expect, it } from '@jest/globals';
import { SecretBox, SecretUnreadable } from './secret-box.js';

describe('a secret that is kept', () => {
  const box = new SecretBox(Buffer.alloc(32, 1));

  it('is read back at its place, and looks another each time', () => {
    const [one, other] = [box.seal('a/b', 'geheim ✓'), box.seal('a/b', 'geheim ✓')];
    expect([box.open('a/b', one), box.open('a/b', other)]).toEqual(['geheim ✓', 'geheim ✓']);
    expect(one.equals(other)).toBe(false);
    expect(one.includes('geheim')).toBe(false);
  });

  it('can’t be read elsewhere, under another key, changed, or cut', () => {
    const sealed = box.seal('a/b', 'geheim');
    const changed = Buffer.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const attempts: (() => string)[] = [
      () => box.open('a/c', sealed),
      () => new SecretBox(Buffer.alloc(32, 2)).open('a/b', sealed),
      () => box.open('a/b', changed),
      () => box.open('a/b', sealed.subarray(0, 10)),
      () => box.open('a/b', Buffer.alloc(0)),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(SecretUnreadable);
  });
});
