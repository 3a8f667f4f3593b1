import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What policies are tested on is kept with the version; and where a policy is kept that is written elsewhere. */
export class PolicyLife20261129000019 implements MigrationInterface {
  name = 'PolicyLife20261129000019';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.policy_version add column cases jsonb not null default '[]';
      alter table app.policy add column source text;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.policy_version drop column cases;
      alter table app.policy drop column source;`);
  }
}
