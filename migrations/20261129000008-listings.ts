import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a listing that comes in parts is under way: until it ends, what was not found may still come (E7). */
export class Listings20261129000008 implements MigrationInterface {
  name = 'Listings20261129000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table app.inventory_feed add column listing boolean not null default false;');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table app.inventory_feed drop column listing;');
  }
}
