#!/usr/bin/env bash
# Builds rego-compiler.wasm.br, the OPA compiler as a WASI reactor, and its checksum. Needs the Go toolchain that go.mod
# pins and Node; users of Bylaw need neither.
#
#   tools/rego-compiler/build.sh           builds and writes both files
#   tools/rego-compiler/build.sh --check   builds elsewhere and says whether the committed files are what comes out
#
# The build is reproducible: the same toolchain and go.sum give the same bytes (-trimpath, no build id, no VCS stamp).
set -euo pipefail
cd "$(dirname "$0")"

toolchain=$(sed -n 's/^toolchain //p' go.mod)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

GOTOOLCHAIN=$toolchain GOFLAGS= GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 \
  go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o "$work/rego-compiler.wasm" .

node --input-type=module - "$work" <<'JS'
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
const folder = process.argv[2];
const raw = readFileSync(`${folder}/rego-compiler.wasm`);
const packed = brotliCompressSync(raw, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
  },
});
writeFileSync(`${folder}/rego-compiler.wasm.br`, packed);
const digest = createHash('sha256').update(packed).digest('hex');
writeFileSync(`${folder}/rego-compiler.wasm.br.sha256`, `${digest}  rego-compiler.wasm.br\n`);
console.log(`${raw.length} bytes raw, ${packed.length} packed, sha256 ${digest}`);
JS

if [ "${1:-}" = --check ]; then
  cmp "$work/rego-compiler.wasm.br" rego-compiler.wasm.br
  echo 'rego-compiler.wasm.br is what these sources give'
else
  mv "$work/rego-compiler.wasm.br" "$work/rego-compiler.wasm.br.sha256" .
fi
