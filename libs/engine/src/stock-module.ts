import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256Hex } from '#kernel';
import { compilerDigest, packageRoot } from './compiler-artefact.js';
import type { CompileProblem } from './compiler-protocol.js';
import { RegoCompiler } from './compiler.js';
import { readSets, type StockSet } from './stock-sets.js';
import type { LibrarySource, PolicyInfo, PolicySource, TestSource } from './policy.js';

/** What a module expects of its host: it changes with the input document, the answers, or the host's functions. */
export const ENGINE_ABI = 2;

const MANIFEST = 'library.json';
const MODULE = 'library.wasm';
const SETS = 'sets.yaml';

/** The sources of a folder of policies. */
export interface LibraryFolder {
  lib: LibrarySource[];
  policies: PolicySource[];
  tests: TestSource[];
  /** Text of `sets.yaml`, empty where there is none. */
  sets: string;
}

export interface StockManifest {
  engine_abi: number;
  /** The version of Bylaw that the library came with. */
  release: string;
  /** SHA-256 of the module, in hexadecimal. */
  digest: string;
  /** SHA-256 over the sources and the compiler: what the module was made of. */
  sources_digest: string;
  policies: PolicyInfo[];
  sets: StockSet[];
  /** The functions that the module asks its host for. */
  builtins: string[];
}

/** A built-in policy. */
export type StockPolicy = PolicyInfo;

export interface StockLibrary {
  manifest: StockManifest;
  wasm: Uint8Array;
}

/** A library that does not compile. */
export class LibraryCompileError extends Error {
  constructor(readonly problems: CompileProblem[]) {
    super(
      problems.map(({ slug, file, row, col, message }) => `${slug ?? ''}/${file}:${row}:${col}: ${message}`).join('\n'),
    );
    this.name = 'LibraryCompileError';
  }
}

/** @returns the folder where the build leaves the compiled library, beside the other compiled files */
export function stockLibraryFolder(): string {
  return join(packageRoot(), 'dist', 'library');
}

/** @returns the folder of the built-in policies' sources */
export function stockSourcesFolder(): string {
  return join(packageRoot(), 'policy-library');
}

/**
 * Reads `lib/*.rego`, each `<slug>/policy.rego` and the `_test.rego` beside them.
 * @param folder of policies, each in a folder named by its slug
 */
export async function readLibraryFolder(folder: string): Promise<LibraryFolder> {
  const library: LibraryFolder = { lib: [], policies: [], tests: [], sets: await readText(join(folder, SETS)) };
  const entries = await readdir(folder, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const files = (await readdir(join(folder, name))).filter((file) => file.endsWith('.rego')).sort();
    const owner = name === 'lib' ? {} : { slug: name };
    for (const file of files) {
      const source = { file: `${name}/${file}`, source: await readFile(join(folder, name, file), 'utf8') };
      if (file.endsWith('_test.rego')) library.tests.push({ ...owner, ...source });
      else if (name === 'lib') library.lib.push(source);
      else if (file === 'policy.rego') library.policies.push({ slug: name, ...source });
    }
  }
  return library;
}

/**
 * Compiles a folder of policies into one module, unless the one that is there was made of the same sources.
 * @param folder of policies
 * @param outFolder gets `library.wasm` and `library.json`
 * @param release version of Bylaw
 * @returns what the module holds, and whether it had to be compiled
 * @throws LibraryCompileError with every error at its place
 */
export async function compileLibrary(
  folder: string,
  outFolder: string,
  release: string,
): Promise<{ manifest: StockManifest; compiled: boolean }> {
  const { lib, policies, sets } = await readLibraryFolder(folder);
  const sources = sha256Hex(
    canonicalJson({ abi: ENGINE_ABI, release, compiler: compilerDigest(), lib, policies, sets }),
  );
  const present = await readManifest(outFolder);
  if (present?.sources_digest === sources && existsSync(join(outFolder, MODULE))) {
    return { manifest: present, compiled: false };
  }
  const compiler = new RegoCompiler({ timeoutMs: 600_000 });
  try {
    const result = await compiler.compile({ lib, policies });
    if (result.wasm === undefined) throw new LibraryCompileError(result.errors);
    const manifest: StockManifest = {
      engine_abi: ENGINE_ABI,
      release,
      digest: sha256Hex(result.wasm),
      sources_digest: sources,
      policies: result.policies,
      sets: readSets(sets, result.policies),
      builtins: result.builtins,
    };
    await writeLibrary(outFolder, manifest, result.wasm);
    return { manifest, compiled: true };
  } finally {
    await compiler.close();
  }
}

/**
 * Reads what compileLibrary left.
 * @param outFolder `dist/library` unless given
 * @throws Error where it is missing, was made for another engine, or is damaged
 */
export async function loadStockLibrary(outFolder = stockLibraryFolder()): Promise<StockLibrary> {
  const manifest = await readManifest(outFolder);
  if (manifest === undefined) throw new Error(`the compiled policy library is missing in ${outFolder}: run the build`);
  if (manifest.engine_abi !== ENGINE_ABI)
    throw new Error('the compiled policy library is of another engine: run the build');
  const wasm = await readFile(join(outFolder, MODULE));
  if (sha256Hex(wasm) !== manifest.digest) throw new Error('the compiled policy library is damaged: run the build');
  return { manifest, wasm };
}

async function readText(file: string): Promise<string> {
  return existsSync(file) ? readFile(file, 'utf8') : '';
}

async function readManifest(outFolder: string): Promise<StockManifest | undefined> {
  const file = join(outFolder, MANIFEST);
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as StockManifest) : undefined;
}

/** The manifest comes last: a build that was cut short leaves the old one, whose digest then tells. */
async function writeLibrary(outFolder: string, manifest: StockManifest, wasm: Uint8Array): Promise<void> {
  await mkdir(outFolder, { recursive: true });
  for (const [name, content] of [
    [MODULE, wasm],
    [MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`],
  ] as const) {
    const file = join(outFolder, name);
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  }
}
