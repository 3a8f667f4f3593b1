import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A validation says what made somebody ask for it: the one before of the same ref is found among those of CI, since those of
 * pushes know of what was pushed alone.
 */
export class ValidationTriggers20261129000024 implements MigrationInterface {
  name = 'ValidationTriggers20261129000024';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.validation add column trigger text not null default 'ci' check (trigger in ('ci', 'git-push'));
      alter table app.validation alter column trigger drop default;
      drop index app.validation_of_ref;
      create index validation_of_ref on app.validation (org_id, repository, ref, at, validation_id)
        where repository is not null and trigger = 'ci';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index app.validation_of_ref;
      alter table app.validation drop column trigger;
      create index validation_of_ref on app.validation (org_id, repository, ref, at, validation_id) where repository is not null;`);
  }
}
