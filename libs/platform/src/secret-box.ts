import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + IV_BYTES + TAG_BYTES;

/** What is kept was sealed under another key, for another place, or was changed. */
export class SecretUnreadable extends Error {
  constructor() {
    super('A secret that is kept can’t be read: the installation’s secret key is another than when it was saved.');
  }
}

/** Keeps secrets that have to be used again (H5): AES-256-GCM, bound to the place that they are kept at. */
export class SecretBox {
  /** @param key 32 bytes, of this purpose alone */
  constructor(private readonly key: Uint8Array) {}

  /**
   * @param place whose secret it is, as in `<organization>/<row>/<column>`: elsewhere it can't be read
   * @param secret any text
   * @returns format, nonce, tag and ciphertext
   */
  seal(place: string, secret: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(FORMAT), iv, cipher.getAuthTag(), text]);
  }

  /**
   * @param place where it was sealed for
   * @param sealed what `seal` returned
   * @throws SecretUnreadable
   */
  open(place: string, sealed: Buffer): string {
    if (sealed.length < HEAD_BYTES || sealed[0] !== FORMAT) throw new SecretUnreadable();
    const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(1, 1 + IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(1 + IV_BYTES, HEAD_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      throw new SecretUnreadable();
    }
  }
}
