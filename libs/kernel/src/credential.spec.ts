import { describe, expect, it } from '@jest/globals';
import {
  CREDENTIAL_PREFIXES,
  credentialHmac,
  generateCredential,
  readCredential,
  uuidV7,
  type CredentialKind,
} from './index.js';

const KINDS = Object.keys(CREDENTIAL_PREFIXES) as CredentialKind[];
const ID = uuidV7(1_700_000_000_000);

describe('a credential', () => {
  it.each(KINDS)('tells what it is for and whose it is, and nothing of its secret: %s', (kind) => {
    const text = generateCredential(kind, ID);
    expect(text).toMatch(/^bylaw_(key|agent|enroll)_[0-9A-HJKMNP-TV-Z]{26}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}$/);
    expect(text.startsWith(`${CREDENTIAL_PREFIXES[kind]}_`)).toBe(true);
    expect(readCredential(text)).toEqual({ kind, id: ID });
  });

  it('is never the same twice', () => {
    expect(new Set(Array.from({ length: 100 }, () => generateCredential('api_key', ID))).size).toBe(100);
  });

  it('with one wrong character is known as a typing error, wherever it is', () => {
    const text = generateCredential('api_key', ID);
    for (let at = 0; at < text.length; at++) {
      const wrong = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
      expect([at, readCredential(wrong)]).toEqual([at, null]);
    }
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, -1)],
    ['with something after it', (text) => `${text}\n`],
    ['with a space before it', (text) => ` ${text}`],
    ['of another kind', (text) => text.replace('bylaw_key', 'bylaw_agent')],
    ['in capital letters', (text) => text.toUpperCase()],
    ['none at all', () => ''],
  ])('is not taken %s', (_what, change) => {
    expect(readCredential(change(generateCredential('api_key', ID)))).toBeNull();
  });

  it('is stored as an HMAC that another installation can’t make', () => {
    const text = generateCredential('api_key', ID);
    const hmac = credentialHmac(Buffer.alloc(32, 1), text);
    expect(hmac).toHaveLength(32);
    expect(credentialHmac(Buffer.alloc(32, 1), text)).toEqual(hmac);
    expect(credentialHmac(Buffer.alloc(32, 2), text)).not.toEqual(hmac);
  });
});
