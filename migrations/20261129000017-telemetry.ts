import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which trace events, wishes for runs and commands to agents belong to; and what is told of the whole installation. */
export class Telemetry20261129000017 implements MigrationInterface {
  name = 'Telemetry20261129000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.run_request add column arrived_at timestamptz, add column traceparent text;
      alter table app.outbox add column traceparent text;
      alter table app.mailbox add column traceparent text;

      create function app.dangerously_measure_work(at timestamptz)
      returns table (waiting bigint, running bigint, silent bigint, wanted_first timestamptz, events bigint, emitted_first timestamptz)
      language plpgsql security definer set search_path = '' as $$
      declare
        tenant uuid;
        one record;
        before text := current_setting('bylaw.org_id', true);
      begin
        waiting := 0; running := 0; silent := 0; events := 0;
        for tenant in select o.org_id from directory.organization o order by o.org_id loop
          perform set_config('bylaw.org_id', tenant::text, true);
          select count(*) as n, min(r.requested_at) as first into one from app.run r where r.org_id = tenant and r.status = 'waiting';
          waiting := waiting + one.n; wanted_first := least(wanted_first, one.first);
          select count(*) as n, count(*) filter (where r.lease_until < at) as late into one
            from app.run r where r.org_id = tenant and r.status = 'running';
          running := running + one.n; silent := silent + one.late;
          select count(*) as n, min(x.at) as first into one from app.outbox x where x.org_id = tenant and x.dispatched_at is null;
          events := events + one.n; emitted_first := least(emitted_first, one.first);
        end loop;
        perform set_config('bylaw.org_id', coalesce(before, ''), true);
        return next;
      end $$;

      create function app.dangerously_measure_tables() returns table (name text, bytes bigint, tuples bigint)
      language sql stable security definer set search_path = '' as $$
        select n.nspname || '.' || c.relname, sum(pg_total_relation_size(part.oid))::bigint, sum(greatest(part.reltuples, 0))::bigint
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
          cross join lateral (select c.oid union select relid::oid from pg_partition_tree(c.oid)) tree
          join pg_class part on part.oid = tree.oid and part.relkind = 'r'
        where n.nspname in ('app', 'hist') and c.relkind in ('r', 'p') and not c.relispartition group by 1 $$;
    `);
    await runner.query(findMail(', traceparent text', ', m.traceparent'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function app.dangerously_measure_tables();
      drop function app.dangerously_measure_work(timestamptz);
      alter table app.outbox drop column traceparent;
      alter table app.run_request drop column arrived_at, drop column traceparent;
    `);
    await runner.query(findMail('', ''));
    await runner.query('alter table app.mailbox drop column traceparent;');
  }
}

/**
 * @param returned further columns of its answer
 * @param selected the same, of the mail `m`
 */
function findMail(returned: string, selected: string): string {
  return `
    drop function app.dangerously_find_mail(jsonb, timestamptz);
    create function app.dangerously_find_mail(clusters jsonb, at timestamptz)
    returns table (org_id uuid, cluster_id uuid, command_id uuid${returned}) language plpgsql security definer set search_path = '' as $$
    declare
      tenant record;
      before text := current_setting('bylaw.org_id', true);
    begin
      for tenant in select t.key as id, t.value as ids from jsonb_each(clusters) t loop
        perform set_config('bylaw.org_id', tenant.id, true);
        return query select m.org_id, m.cluster_id, m.command_id${selected} from app.mailbox m
          where m.org_id = tenant.id::uuid and m.answered_at is null and m.expires_at > at
            and m.cluster_id in (select c::uuid from jsonb_array_elements_text(tenant.ids) c);
      end loop;
      perform set_config('bylaw.org_id', coalesce(before, ''), true);
    end $$;`;
}
