import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Checks of one ref are found by their commit and by their state, lists by source and by status, however many checks there
 * were before (P4). A check knows which span wants it.
 */
export class GitPlans20261129000023 implements MigrationInterface {
  name = 'GitPlans20261129000023';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.git_check add column traceparent text;
      create index git_check_of_commit on app.git_check (org_id, source_id, ref, commit_sha);
      create index git_check_running on app.git_check (org_id, source_id, ref) where status = 'running';
      create index git_check_of_source on app.git_check (org_id, source_id, requested_at, check_id);
      create index git_check_with_status on app.git_check (org_id, status, requested_at, check_id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index app.git_check_of_commit, app.git_check_running, app.git_check_of_source, app.git_check_with_status;
      alter table app.git_check drop column traceparent;`);
  }
}
