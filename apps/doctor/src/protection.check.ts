import { Inspection, readDefiners, readShownToNobody, readTables } from '#platform';
import { skipped, type Finding } from './finding.js';
import { judgeDefiners, judgeRights, judgeShown, judgeTables } from './protection.rules.js';
import type { Surroundings } from './surroundings.js';

/** What keeps organizations apart. */
export async function checkProtection({ database, stepMs }: Surroundings): Promise<Finding[]> {
  if ('missing' in database) return [skipped('tables', 'there is no way to the database: see logins')];
  return Inspection.of(database.logins.applicationUrl, stepMs, async (application) => {
    const tables = await readTables(application);
    if (tables.length === 0) return [skipped('tables', 'there are none yet: see migrations')];
    const open = tables.filter(({ schema, partition }) => schema !== 'directory' && !partition);
    const shown = await readShownToNobody(
      application,
      open.map(({ name }) => name),
    );
    return [
      judgeTables(tables),
      judgeRights(tables),
      judgeDefiners(await readDefiners(application)),
      judgeShown(shown, open.length),
    ];
  });
}
