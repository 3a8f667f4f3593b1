import { isUtf8 } from 'node:buffer';

const REPLACEMENT = '\ufffd';

/**
 * @param bytes any
 * @returns the text; each byte that belongs to no character is U+FFFD, as Go counts and shows it. OPA's WASM runtime holds
 * nothing but text
 */
export function textOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let out = '';
  for (let at = 0; at < buffer.length;) {
    const end = at + characterLength(buffer[at] ?? 0);
    const whole = end > at && end <= buffer.length && isUtf8(buffer.subarray(at, end));
    out += whole ? buffer.toString('utf8', at, end) : REPLACEMENT;
    at = whole ? end : at + 1;
  }
  return out;
}

/** By its first byte (RFC 3629); 0 where none begins. */
function characterLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
