import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What of an organization's own policies is not in its module, with the reasons, by slug. */
export class ModuleFaults20261129000015 implements MigrationInterface {
  name = 'ModuleFaults20261129000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table app.module add column broken jsonb not null default '{}';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table app.module drop column broken;');
  }
}
