import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One look says what every organization waits for; which of its runs comes next, the organization's own rows say. */
export class FairDispatch20261129000014 implements MigrationInterface {
  name = 'FairDispatch20261129000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index run_waiting on app.run (org_id, (trigger <> 'manual'), requested_at, run_id) where status = 'waiting';
      drop function app.dangerously_find_work(timestamptz);
      drop function app.dangerously_find_due(timestamptz);

      create function app.dangerously_find_work(at timestamptz) returns table (org_id uuid, due boolean, events boolean, runs boolean)
      language plpgsql security definer set search_path = '' as $$
      declare
        tenant uuid;
        before text := current_setting('bylaw.org_id', true);
      begin
        for tenant in select o.org_id from directory.organization o order by o.org_id loop
          perform set_config('bylaw.org_id', tenant::text, true);
          return query select tenant, w.due, w.events, w.runs from (select
              exists (select 1 from app.trigger t where t.org_id = tenant and t.next_due_at <= at)
                or exists (select 1 from app.settling s where s.org_id = tenant and s.settles_at <= at) as due,
              exists (select 1 from app.outbox x where x.org_id = tenant and x.dispatched_at is null) as events,
              exists (select 1 from app.run r where r.org_id = tenant
                and (r.status = 'waiting' or (r.status = 'running' and r.lease_until < at))) as runs) w
            where w.due or w.events or w.runs;
        end loop;
        perform set_config('bylaw.org_id', coalesce(before, ''), true);
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function app.dangerously_find_work(timestamptz);
      drop index app.run_waiting;

      create function app.dangerously_find_work(at timestamptz) returns table (org_id uuid, run_id uuid)
      language plpgsql security definer set search_path = '' as $$
      declare
        tenant uuid;
        before text := current_setting('bylaw.org_id', true);
      begin
        for tenant in select o.org_id from directory.organization o order by o.org_id loop
          perform set_config('bylaw.org_id', tenant::text, true);
          return query select tenant, null::uuid where exists (
            select 1 from app.outbox x where x.org_id = tenant and x.dispatched_at is null);
          return query select r.org_id, r.run_id from app.run r
            where r.org_id = tenant and (r.status = 'waiting' or (r.status = 'running' and r.lease_until < at));
        end loop;
        perform set_config('bylaw.org_id', coalesce(before, ''), true);
      end $$;

      create function app.dangerously_find_due(at timestamptz) returns setof uuid
      language plpgsql security definer set search_path = '' as $$
      declare
        tenant uuid;
        before text := current_setting('bylaw.org_id', true);
      begin
        for tenant in select o.org_id from directory.organization o order by o.org_id loop
          perform set_config('bylaw.org_id', tenant::text, true);
          return query select tenant where exists (select 1 from app.trigger t where t.org_id = tenant and t.next_due_at <= at)
            or exists (select 1 from app.settling s where s.org_id = tenant and s.settles_at <= at);
        end loop;
        perform set_config('bylaw.org_id', coalesce(before, ''), true);
      end $$;
    `);
  }
}
