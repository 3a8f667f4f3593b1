import { build as bundle } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { install, requireNode, ROOT } from './process.mjs';

/**
 * Makes the installable package of the command line: one bundle with the compiled library, the Rego compiler and the
 * library that own policies see. It needs no other package, and has nothing of the platform. The path of the tarball is
 * printed on the last line.
 */
const STAGE = join(ROOT, 'dist', 'cli-package');
/** As deep as in the repository: programs find their files, and each other, from where they lie. */
const PROGRAMS = join('dist', 'apps', 'cli', 'src');
const ENTRIES = [
  'apps/cli/src/main.js',
  'libs/engine/src/compiler-child.js',
  'libs/engine/src/evaluation-worker.js',
  'libs/engine/src/proof-worker.js',
  'libs/kube/src/manifest-worker.js',
];
const FILES = ['LICENSE', 'NOTICE', 'schemas', 'dist/library', 'policy-library/lib', 'docs/check.md', 'docs/cli.md'];
const COMPILER = ['rego-compiler.wasm.br', 'rego-compiler.wasm.br.sha256', 'NOTICE'].map(
  (name) => `tools/rego-compiler/${name}`,
);

/** What is where the platform is installed and nowhere else: `bylaw doctor` says so, traces are not sent. */
const platformParts = {
  name: 'platform-parts',
  setup({ onResolve }) {
    onResolve({ filter: /\/doctor\/src\/|\/otlp-tracer\.js$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** Importing a library does nothing by itself: what of it nobody calls is left out, and what that would have imported. */
const pureLibraries = {
  name: 'pure-libraries',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[.#]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === pureLibraries.name || !/[\\/]dist[\\/](?:libs|apps)[\\/]/.test(from.importer))
        return undefined;
      const found = await resolve(path, { ...from, pluginData: pureLibraries.name });
      return found.errors.length > 0 ? found : { path: found.path, external: found.external, sideEffects: false };
    });
  },
};

/** @returns the absolute path of the tarball */
export async function packCli() {
  const { name, version, description, license, engines } = readJson(join(ROOT, 'package.json'));
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(STAGE, { recursive: true });
  const inputs = await bundled();
  chmodSync(join(STAGE, PROGRAMS, 'main.js'), 0o755);
  for (const file of [...FILES, ...COMPILER]) copy(file);
  writeFileSync(join(STAGE, 'THIRD_PARTY_LICENSES'), licencesOf(inputs));
  const manifest = {
    name,
    version,
    description,
    license,
    type: 'module',
    engines,
    bin: { bylaw: `${PROGRAMS}/main.js` },
  };
  writeFileSync(join(STAGE, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', join(ROOT, 'dist')], {
    cwd: STAGE,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return join(ROOT, 'dist', basename(packed.trim().split('\n').at(-1)));
}

/** @returns the files that the bundle was made of */
async function bundled() {
  const { metafile } = await bundle({
    entryPoints: ENTRIES.map((file) => join(ROOT, 'dist', file)),
    outdir: join(STAGE, PROGRAMS),
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    absWorkingDir: ROOT,
    plugins: [platformParts, pureLibraries],
    // Packages that are CommonJS ask for Node's own modules by it.
    banner: {
      js: "import{createRequire as bylawRequire}from'node:module';const require=bylawRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}

function copy(file) {
  cpSync(join(ROOT, file), join(STAGE, file), {
    recursive: true,
    filter: (path) => !path.endsWith('_test.rego'),
  });
}

/** The licence of each package that is in the bundle, as it came with it. */
function licencesOf(inputs) {
  const folders = new Set(inputs.filter((input) => input.includes('node_modules/')).map(packageFolder));
  return [...folders]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = readJson(join(ROOT, folder, 'package.json'));
      const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join('\n----\n\n');
}

function packageFolder(input) {
  let folder = dirname(input);
  while (!isPackage(folder)) folder = dirname(folder);
  return folder;
}

/** Folders within a package may have a package.json too, which only says how its files are read. */
function isPackage(folder) {
  const file = join(ROOT, folder, 'package.json');
  return existsSync(file) && readJson(file).version !== undefined;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  requireNode();
  install();
  // Tests and benches, which run what is built, must not have it built anew below them.
  if (!process.argv.includes('--no-build')) await build();
  process.stdout.write(`${relative(process.cwd(), await packCli()) || '.'}\n`);
}
