import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, requireNode, ROOT, run } from './process.mjs';

const SOURCES = ['apps', 'libs', 'migrations', 'test', 'bench', 'policy-library', 'tools/rego-compiler'];
const FILES = ['package.json', 'tsconfig.json'];
const MARK = join(ROOT, 'dist', '.built');

/** Name, size and time of every source: cheap, and moves with every edit. */
function fingerprint() {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (!existsSync(path)) return;
    const { size, mtimeMs } = statSync(path);
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const source of [...SOURCES, ...FILES]) visit(join(ROOT, source));
  return hash.digest('hex');
}

/** Compiles TypeScript and the policy library; nothing where nothing changed since the last time. */
export async function build() {
  const now = fingerprint();
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === now) return;
  process.stderr.write('Building\n');
  rmSync(MARK, { force: true });
  for (const folder of ['apps', 'libs', 'migrations', 'test', 'bench'])
    rmSync(join(ROOT, 'dist', folder), { recursive: true, force: true });
  run(process.execPath, [join('node_modules', 'typescript-native', 'bin', 'tsc'), '-p', 'tsconfig.json']);
  // `npx bylaw` runs it by its own first line.
  chmodSync(join(ROOT, 'dist', 'apps', 'cli', 'src', 'main.js'), 0o755);
  const engine = await import(pathToFileURL(join(ROOT, 'dist', 'libs', 'engine', 'src', 'index.js')).href);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  await engine.compileLibrary(engine.stockSourcesFolder(), engine.stockLibraryFolder(), version);
  writeFileSync(MARK, now);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  requireNode();
  install();
  await build();
}
