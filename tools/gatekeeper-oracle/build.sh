#!/usr/bin/env bash
# Writes what Gatekeeper’s own code says of the constraints, Configs and objects that it is asked about. Needs Go and Node; the
# tests read the file, and make it again where there is Go.
#
#   tools/gatekeeper-oracle/build.sh           asks and writes the file
#   tools/gatekeeper-oracle/build.sh --check   asks and says whether the committed file holds the same
set -euo pipefail
cd "$(dirname "$0")"

answers=$(mktemp)
trap 'rm -f "$answers"' EXIT
GOFLAGS= go run . > "$answers"

node --input-type=module - "$answers" ../../libs/enforcement/src/testdata/gatekeeper.json.br "${1:-}" <<'JS'
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
const [, , answers, file, mode] = process.argv;
const text = readFileSync(answers);
if (mode === '--check') {
  const same = brotliDecompressSync(readFileSync(file)).equals(text);
  console.log(same ? 'gatekeeper.json.br is what upstream says' : 'gatekeeper.json.br is not what upstream says');
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
console.log(`${text.length} bytes raw, ${packed.length} packed`);
JS
