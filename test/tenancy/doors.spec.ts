import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Who may look past one organization, and from where: a further line here is a decision. */
const CROSSINGS: Record<string, string[]> = {
  dangerouslyAskDirectory: [
    'apps/api/src/operations/operations.controller.ts',
    'apps/worker/src/operations-server.ts',
    'libs/fleet/src/mailbox.service.ts',
    'libs/git/src/git-hooks.service.ts',
    'libs/platform/src/database.ts',
    'libs/tenancy/src/credential-directory.ts',
    'libs/tenancy/src/organizations-directory.ts',
    'libs/tenancy/src/organizations.service.ts',
  ],
  dangerouslyFindMail: ['apps/api/src/agent/agent-gateway.ts', 'libs/fleet/src/mailbox.service.ts'],
  dangerouslyFindOrganization: ['libs/git/src/git-hooks.service.ts'],
  dangerouslyFindWork: [
    'apps/doctor/src/queue.check.ts',
    'apps/worker/src/sweeps.ts',
    'libs/tenancy/src/organizations-directory.ts',
  ],
  dangerouslyListAll: [
    'apps/api/src/first-start.ts',
    'apps/worker/src/each-organization.ts',
    'apps/worker/src/main.ts',
    'libs/tenancy/src/organizations-directory.ts',
  ],
  dangerouslyMeasureTables: ['apps/worker/src/worker-figures.ts', 'libs/tenancy/src/organizations-directory.ts'],
  dangerouslyMeasureWork: ['apps/worker/src/worker-figures.ts', 'libs/tenancy/src/organizations-directory.ts'],
};

/** Who may talk to Postgres other than through `db.run`: set-up, the queue's grants, who looks on, and the door itself. */
const CONNECTIONS = [
  'libs/platform/src/database-grants.ts',
  'libs/platform/src/database-logins.ts',
  'libs/platform/src/database.ts',
  'libs/platform/src/embedded-database.ts',
  'libs/platform/src/embedded-postgres.ts',
  'libs/platform/src/history-partitions.ts',
  'libs/platform/src/inspection.ts',
  'libs/platform/src/migrate.ts',
  'libs/platform/src/queues.ts',
  'libs/platform/src/wake-ups.ts',
];

function sources(): { file: string; text: string }[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('libs/testing/'))
      .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') })),
  );
}

describe('the doors to tenant data (T4)', () => {
  const all = sources();

  it('that cross organizations are these, and called dangerous', () => {
    const found: Record<string, Set<string>> = {};
    for (const { file, text } of all) {
      for (const [name] of text.matchAll(/\bdangerously[A-Z]\w*(?=[<(])/g)) (found[name] ??= new Set()).add(file);
    }
    expect(Object.fromEntries(Object.entries(found).map(([name, files]) => [name, [...files].sort()]))).toEqual(
      CROSSINGS,
    );
  });

  it('are opened by nobody but those who set the database up', () => {
    const connecting = all.filter(({ text }) =>
      /from 'pg'|new DataSource\(|\.dataSource\b|createQueryRunner\(/.test(text),
    );
    expect(connecting.map(({ file }) => file).sort()).toEqual(CONNECTIONS);
  });

  it('tell SQL which organization is meant in one place alone', () => {
    const setting = all.filter(({ text }) => /set_config\('bylaw\.org_id'|set (?:local )?bylaw\.org_id/i.test(text));
    expect(setting.map(({ file }) => file)).toEqual(['libs/platform/src/unit-of-work.ts']);
  });
});
