import { canonicalJson, sha256Hex } from '#kernel';
import type { LibrarySource } from './policy.js';

const LIBRARY_REFERENCE = /\bdata\.lib\.([a-zA-Z0-9_]+)/g;
const LIBRARY_PACKAGE = /^package\s+lib\.([a-zA-Z0-9_]+)/m;

/**
 * What a policy's verdicts depend on of the sources: its own file and the library's that it reaches, directly or by
 * another.
 * @param lib the shared library
 * @param policy the policy's file
 * @returns SHA-256 in hexadecimal
 */
export function sourceDigest(lib: readonly LibrarySource[], policy: LibrarySource): string {
  const reached = new Set([policy]);
  for (const file of reached) {
    const names = new Set([...file.source.matchAll(LIBRARY_REFERENCE)].map(([, name]) => name));
    for (const other of lib) if (names.has(LIBRARY_PACKAGE.exec(other.source)?.[1])) reached.add(other);
  }
  const [own, ...others] = [...reached].map(({ source }) => sha256Hex(source));
  return sha256Hex(canonicalJson([own, ...others.sort()]));
}
