import { nestsDeeper } from './json-nesting.js';
import type { CompileProblem, CompileRequest } from './compiler-protocol.js';
import type { PolicySource, TestSource } from './policy.js';

/** The largest source that is compiled, in bytes; the compiler says where a larger one crosses it. */
export const MAX_SOURCE_BYTES = 256 * 1024;

/** Of one request, in bytes: four thousand policies of usual size. The compiler takes about twenty times as much memory. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Of metadata given beside a source; the compiler takes less, and says so itself. */
const MAX_METADATA_DEPTH = 100;

/**
 * What can be said before the sources are sent to the compiler: that they are too much for it together, or that
 * metadata is too deep to be sent.
 * @param request with any number of sources
 * @returns empty where it may be sent
 */
export function requestProblems(request: CompileRequest & { tests?: readonly TestSource[] }): CompileProblem[] {
  const deep = request.policies.filter(({ metadata = {} }) => nestsDeeper(metadata, MAX_METADATA_DEPTH));
  if (deep.length > 0) {
    const message = `the metadata nests more than ${MAX_METADATA_DEPTH} deep`;
    return deep.map(({ slug, file }) => ({ slug, file, row: 0, col: 0, code: 'bylaw_too_deep', message }));
  }
  const sources: Partial<PolicySource>[] = [
    ...request.lib,
    ...request.policies,
    ...request.policies.flatMap(({ slug, libs = [] }) => libs.map((lib) => ({ slug, ...lib }))),
    ...(request.tests ?? []),
  ];
  const sizes = sources.map(({ source = '' }) => Buffer.byteLength(source));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= MAX_REQUEST_BYTES) return [];
  const large = sources.flatMap(({ slug, file }, index): CompileProblem[] => {
    const size = sizes[index] ?? 0;
    if (size <= MAX_SOURCE_BYTES) return [];
    const message = `the source has ${size} bytes: at most ${MAX_SOURCE_BYTES} (256 KiB) are compiled`;
    return [{ ...(slug && { slug }), ...(file && { file }), row: 1, col: 1, code: 'bylaw_too_large', message }];
  });
  if (large.length > 0) return large;
  const message = `the sources have ${total} bytes together: at most ${MAX_REQUEST_BYTES} (16 MiB) are compiled at once`;
  return [{ row: 0, col: 0, code: 'bylaw_too_large', message }];
}
