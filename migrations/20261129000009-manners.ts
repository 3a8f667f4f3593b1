import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Answers kept by their `Idempotency-Key`, windows of the rate limits, quotas, and the number of objects that they are
 * held against.
 */
export class Manners20261129000009 implements MigrationInterface {
  name = 'Manners20261129000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.idempotency_key (
        org_id uuid not null references app.organization, key_digest bytea not null, body_digest bytea not null, route text not null,
        status smallint not null, location text, answer text not null, created_at timestamptz not null,
        primary key (org_id, key_digest));
      create index idempotency_key_age on app.idempotency_key (org_id, created_at);
      call app.protect('app.idempotency_key');

      create table app.rate_window (
        org_id uuid not null references app.organization, name text not null, taken int not null, ends_at timestamptz not null,
        primary key (org_id, name));
      call app.protect('app.rate_window');

      alter table app.organization add column quotas jsonb not null default '{}';
      create table app.inventory_usage (
        org_id uuid primary key references app.organization, objects bigint not null check (objects >= 0));
      call app.protect('app.inventory_usage');
      alter table app.inventory_feed add column refused int not null default 0;
    `);
    await runner.query(`
      do $$
      declare
        tenant uuid;
        written int := 0;
        seen int := 0;
      begin
        for tenant in select org_id from directory.organization loop
          perform set_config('bylaw.org_id', tenant::text, true);
          insert into app.inventory_usage (org_id, objects)
            select tenant, coalesce(sum(greatest(k.objects, 0)), 0)
            from app.kind_digest k join app.cluster c on c.org_id = k.org_id and c.cluster_id = k.cluster_id
            where k.org_id = tenant and c.removed_at is null;
          written := written + (select count(*) from app.inventory_usage where org_id = tenant);
          seen := seen + 1;
        end loop;
        perform set_config('bylaw.org_id', '', true);
        assert written = seen, 'every organization has its number of objects';
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.inventory_feed drop column refused;
      alter table app.organization drop column quotas;
      drop table app.inventory_usage, app.rate_window, app.idempotency_key;`);
  }
}
