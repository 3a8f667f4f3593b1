import { canonicalJson, sha256Hex } from '#kernel';
import type { DialectOptions, LibrarySource } from './policy.js';

const LIBRARY_REFERENCE = /\bdata\.lib\.([a-zA-Z0-9_]+)/g;
/** `import data.lib`, `data.lib[x]`: any file of it may be meant. */
const WHOLE_LIBRARY = /\bdata\.lib\b(?!\.[a-zA-Z0-9_])|\bdata\[/;
const LIBRARY_PACKAGE = /^package\s+lib\.([a-zA-Z0-9_]+)/m;

/**
 * What a policy's verdicts depend on of the sources: its own file and the library's that it reaches, directly or by
 * another; in a dialect, its own libraries in place of the shared one.
 * @param lib the shared library
 * @param policy the policy's file
 * @returns SHA-256 in hexadecimal
 */
export function sourceDigest(lib: readonly LibrarySource[], policy: LibrarySource & DialectOptions): string {
  const { dialect = 'native', rego_version: version = 'v1', libs = [] } = policy;
  if (dialect !== 'native' || version !== 'v1')
    return sha256Hex(canonicalJson([dialect, version, ...[policy, ...libs].map(({ source }) => sha256Hex(source))]));
  const reached = reachedLibrary(lib, [policy]).map(({ source }) => sha256Hex(source));
  return sha256Hex(canonicalJson([sha256Hex(policy.source), ...reached.sort()]));
}

/**
 * @param lib the shared library
 * @param sources policies
 * @returns the files of the library that they reach, directly or by another, in the library's order
 */
export function reachedLibrary(lib: readonly LibrarySource[], sources: readonly LibrarySource[]): LibrarySource[] {
  const reached = new Set(sources);
  for (const file of reached) {
    const names = new Set([...file.source.matchAll(LIBRARY_REFERENCE)].map(([, name]) => name));
    const whole = WHOLE_LIBRARY.test(file.source);
    for (const other of lib) if (whole || names.has(LIBRARY_PACKAGE.exec(other.source)?.[1])) reached.add(other);
  }
  return lib.filter((file) => reached.has(file));
}
