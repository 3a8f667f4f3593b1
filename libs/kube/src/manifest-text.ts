const UTF16_MARKS: readonly (readonly [number, number, string])[] = [
  [0xff, 0xfe, 'utf-16le'],
  [0xfe, 0xff, 'utf-16be'],
];

/**
 * Decodes a manifest and drops its byte order mark. Bytes that are no UTF-8 are replaced, and it is said that there were
 * some, so that only the document with them is refused.
 * @param text text, or bytes
 * @returns the text, and whether bytes were replaced by U+FFFD
 */
export function decodeManifest(text: string | Uint8Array): { text: string; badBytes: boolean } {
  if (typeof text === 'string') return { text: text.startsWith('\ufeff') ? text.slice(1) : text, badBytes: false };
  const utf16 = UTF16_MARKS.find(([first, second]) => text[0] === first && text[1] === second);
  const encoding = utf16?.[2] ?? 'utf-8';
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(text), badBytes: false };
  } catch {
    return { text: new TextDecoder(encoding).decode(text), badBytes: true };
  }
}
