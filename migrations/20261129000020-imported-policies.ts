import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How a version is written that another engine was to run, and which foreign document something was imported from: the
 * same document again is the same policy, target, binding or set.
 */
export class ImportedPolicies20261129000020 implements MigrationInterface {
  name = 'ImportedPolicies20261129000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.policy_version add column dialect text not null default 'native',
        add column rego_version text not null default 'v1', add column libs jsonb not null default '[]',
        add column import_digest bytea;`);
    for (const table of TABLES)
      await runner.query(`
        alter table app.${table} add column import_key text;
        create unique index ${table}_import_key on app.${table} (org_id, import_key) where import_key is not null;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`alter table app.${table} drop column import_key;`);
    await runner.query(`
      alter table app.policy_version drop column dialect, drop column rego_version, drop column libs, drop column import_digest;`);
  }
}

const TABLES = ['policy', 'target', 'binding', 'policy_set'] as const;
