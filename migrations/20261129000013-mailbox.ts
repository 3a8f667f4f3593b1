import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What agents are asked, and which replica can ask them (DESIGN §4, §8). */
export class Mailbox20261129000013 implements MigrationInterface {
  name = 'Mailbox20261129000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.agent_connection (
        org_id uuid not null, cluster_id uuid not null, connection_id uuid not null, connected_at timestamptz not null,
        alive_until timestamptz not null,
        primary key (org_id, cluster_id), foreign key (org_id, cluster_id) references app.cluster);
      call app.protect('app.agent_connection');
      create table app.mailbox (
        org_id uuid not null, command_id uuid not null, cluster_id uuid not null, kind text not null check (kind in ('sync')),
        created_at timestamptz not null, expires_at timestamptz not null, answered_at timestamptz,
        primary key (org_id, command_id), foreign key (org_id, cluster_id) references app.cluster);
      create index mailbox_open on app.mailbox (org_id, cluster_id, created_at) where answered_at is null;
      create index mailbox_expired on app.mailbox (org_id, expires_at);
      call app.protect('app.mailbox');

      create function app.dangerously_find_mail(clusters jsonb, at timestamptz)
      returns table (org_id uuid, cluster_id uuid, command_id uuid) language plpgsql security definer set search_path = '' as $$
      declare
        tenant record;
        before text := current_setting('bylaw.org_id', true);
      begin
        for tenant in select t.key as id, t.value as ids from jsonb_each(clusters) t loop
          perform set_config('bylaw.org_id', tenant.id, true);
          return query select m.org_id, m.cluster_id, m.command_id from app.mailbox m
            where m.org_id = tenant.id::uuid and m.answered_at is null and m.expires_at > at
              and m.cluster_id in (select c::uuid from jsonb_array_elements_text(tenant.ids) c);
        end loop;
        perform set_config('bylaw.org_id', coalesce(before, ''), true);
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function app.dangerously_find_mail(jsonb, timestamptz);
      drop table app.mailbox, app.agent_connection;`);
  }
}
