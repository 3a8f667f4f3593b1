import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ROOT } from './process.mjs';

/**
 * Writes what each case of libs/engine/src/testdata/builtin-cases is, as OPA's Go evaluator says it:
 *
 *   node tools/builtin-cases.mjs
 *
 * Where Go is, tools/rego-compiler is built natively, so that the values owe nothing to WASM; elsewhere the same evaluator
 * runs under WASI, as the compiler that is shipped. Needs a build.
 */
const { BUILTIN_CASES, findingsOf, policiesOf, readBuiltinCases, requestOf, valuesOf, writtenCases } = await import(
  join(ROOT, 'dist', 'libs', 'engine', 'src', 'testdata', 'builtin-cases.js')
);
const { RegoCompiler } = await import(join(ROOT, 'dist', 'libs', 'engine', 'src', 'index.js'));

function evaluateNatively(request) {
  const result = spawnSync('go', ['run', '.'], {
    cwd: join(ROOT, 'tools', 'rego-compiler'),
    input: JSON.stringify({ op: 'eval', ...request }),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0) fail(result.stderr);
  return JSON.parse(result.stdout);
}

async function evaluateUnderWasi(request) {
  const compiler = new RegoCompiler();
  try {
    return await compiler.evaluate(request);
  } finally {
    await compiler.close();
  }
}

const hasGo = spawnSync('go', ['version']).status === 0;
for (const group of readBuiltinCases()) {
  const policies = policiesOf(group.cases);
  const request = { lib: [], policies, input: requestOf(policies) };
  const answer = hasGo ? evaluateNatively(request) : await evaluateUnderWasi(request);
  if (!answer.ok) fail(`${group.name}: ${answer.errors.map(({ row, message }) => `${row}: ${message}`).join('\n')}`);
  const values = valuesOf(group.cases.length, findingsOf(answer.result));
  writeFileSync(join(BUILTIN_CASES, `${group.name}.cases`), writtenCases(group, values));
  process.stdout.write(`${group.name}: ${values.length} cases${hasGo ? '' : ' (under WASI: no Go here)'}\n`);
}
