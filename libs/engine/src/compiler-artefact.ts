import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '#kernel';

const ARTEFACT = 'rego-compiler.wasm.br';

/**
 * @returns the compiled Rego compiler, compressed with brotli
 * @throws Error where the file is missing or is not the one that its checksum names
 */
export function readCompilerArtefact(): Buffer {
  const folder = artefactFolder();
  const bytes = readFileSync(join(folder, ARTEFACT));
  const found = sha256Hex(bytes);
  if (found !== compilerDigest())
    throw new Error(`${ARTEFACT} is damaged: its SHA-256 is ${found}; check it out again`);
  return bytes;
}

/**
 * @returns the SHA-256 of the compiler, in lower-case hexadecimal: what it makes of a source depends on nothing else
 */
export function compilerDigest(): string {
  return readFileSync(join(artefactFolder(), `${ARTEFACT}.sha256`), 'utf8').slice(0, 64);
}

function artefactFolder(): string {
  const folder = join(packageRoot(), 'tools', 'rego-compiler');
  if (!existsSync(join(folder, ARTEFACT))) {
    throw new Error(`${ARTEFACT} is missing in tools/rego-compiler: build it with tools/rego-compiler/build.sh`);
  }
  return folder;
}

/**
 * @returns the folder that holds package.json, whether this runs from the sources or from dist
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json of Bylaw was not found above the engine');
    folder = parent;
  }
  return folder;
}
