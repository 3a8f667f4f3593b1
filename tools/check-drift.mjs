import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

/**
 * Holds what is committed against what the code says: docs/openapi.json, docs/policies.md, schemas/bylaw.schema.json, and the entities against the
 * migrated database. With `--write` the documents are written anew.
 */
process.env.LOG_LEVEL = 'silent';
const { startTestCluster } = await import('../dist/libs/testing/src/index.js');
const { MIGRATIONS } = await import('../dist/migrations/index.js');
const drift = await import('../dist/test/support/drift.js');

const cluster = await startTestCluster(MIGRATIONS);
const wrong = [];
try {
  const { documents, differences } = await drift.inspect(cluster);
  wrong.push(...differences);
  for (const [file, text] of Object.entries(documents)) compare(file, text);
} finally {
  await cluster.stop();
}
for (const line of wrong) process.stdout.write(`${line}\n`);
process.exit(wrong.length > 0 ? 1 : 0);

function compare(file, text) {
  const path = join(ROOT, file);
  if (process.argv.includes('--write')) return writeFileSync(path, text);
  let committed = '';
  try {
    committed = readFileSync(path, 'utf8');
  } catch {
    // Not there is different enough.
  }
  if (committed !== text) wrong.push(`${file} is not what the code says: run \`node tools/check-drift.mjs --write\``);
}
