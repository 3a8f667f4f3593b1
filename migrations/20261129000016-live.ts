import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events that people follow, in the order in which they are read; what was delivered is found by when it was. */
export class Live20261129000016 implements MigrationInterface {
  name = 'Live20261129000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.outbox add column live boolean not null default false;
      create index outbox_live on app.outbox (org_id, xid, event_id) where live;
      create index outbox_delivered on app.outbox (org_id, dispatched_at) where dispatched_at is not null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index app.outbox_delivered;
      drop index app.outbox_live;
      alter table app.outbox drop column live;
    `);
  }
}
