/** XML 1.0 has no way to write them, not even as references. */
const NO_CHARACTERS = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** @returns the text, with U+FFFD in place of what XML can't have; `<`, `&` and quotes are the builder's to write */
export function xmlText(text: string): string {
  return text.replace(NO_CHARACTERS, '\ufffd');
}
