import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each version of a policy has its own quarantine: who goes back to an earlier one finds what was known of it (H2). */
export class QuarantinePerVersion20261129000012 implements MigrationInterface {
  name = 'QuarantinePerVersion20261129000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.policy_quarantine drop constraint policy_quarantine_pkey;
      alter table app.policy_quarantine add primary key (org_id, policy_id, version);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.policy_quarantine drop constraint policy_quarantine_pkey;
      alter table app.policy_quarantine add primary key (org_id, policy_id);
    `);
  }
}
