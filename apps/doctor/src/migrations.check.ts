import { Inspection, readMigrations } from '#platform';
import { MIGRATIONS } from '../../../migrations/index.js';
import { skipped, type Finding } from './finding.js';
import { judgeMigrations } from './migrations.rules.js';
import type { Surroundings } from './surroundings.js';

/** Whether the database is the one that this version works with. */
export async function checkMigrations({ database, stepMs }: Surroundings): Promise<Finding[]> {
  if ('missing' in database) return [skipped('schema', 'there is no way to the database: see logins')];
  const applied = await Inspection.of(database.logins.ownerUrl, stepMs, readMigrations);
  return [
    judgeMigrations(
      applied,
      MIGRATIONS.map((Migration) => new Migration().name),
    ),
  ];
}
