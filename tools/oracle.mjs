/**
 * Writes what upstream's own code says of the questions that a test asks. Needs Go and Node; the tests read the file, and ask
 * again where there is Go.
 *
 *   node tools/oracle.mjs NAME           asks and writes the file
 *   node tools/oracle.mjs NAME --check   asks and says whether the committed file holds the same
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { fail, ROOT } from './process.mjs';

/** The folder of each is `tools/NAME-oracle`. */
const ANSWERS = {
  gatekeeper: 'libs/enforcement/src/testdata/gatekeeper.json.br',
  'pod-security': 'libs/engine/src/testdata/pod-security.json.br',
};
const MAX_BYTES = 2 ** 30;

const [name = '', mode] = process.argv.slice(2);
if (!Object.hasOwn(ANSWERS, name)) fail(`Usage: node tools/oracle.mjs ${Object.keys(ANSWERS).join(' | ')} [--check]`);
const file = join(ROOT, ANSWERS[name]);
const text = execFileSync('go', ['run', '.'], {
  cwd: join(ROOT, 'tools', `${name}-oracle`),
  env: { ...process.env, GOFLAGS: '' },
  maxBuffer: MAX_BYTES,
});
if (mode === '--check') {
  const same = brotliDecompressSync(readFileSync(file)).equals(text);
  process.stdout.write(`${basename(file)} is ${same ? '' : 'not '}what upstream says\n`);
  process.exit(same ? 0 : 1);
}
const packed = brotliCompressSync(text, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  },
});
writeFileSync(file, packed);
process.stdout.write(`${text.length} bytes raw, ${packed.length} packed\n`);
