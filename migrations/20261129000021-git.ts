import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Git sources, what they were told, and the checks of commits: rows that are the queue (J2). */
export class Git20261129000021 implements MigrationInterface {
  name = 'Git20261129000021';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.git_source (
        org_id uuid not null references app.organization, source_id uuid not null, name text not null,
        provider text not null check (provider in ('github', 'gitlab', 'gitea', 'bitbucket', 'git')), url text not null, api_url text,
        branches text[], paths text[], token bytea, webhook_secret bytea not null, poll_minutes int not null,
        state text not null check (state in ('new', 'ok', 'failing')), detail text, failures int not null, last_event_at timestamptz,
        last_polled_at timestamptz, next_poll_at timestamptz not null, created_at timestamptz not null, revision int not null,
        primary key (org_id, source_id), unique (org_id, name));
      create index git_source_due on app.git_source (org_id, next_poll_at);
      call app.protect('app.git_source');

      create table app.git_head (
        org_id uuid not null, source_id uuid not null, ref text not null, commit_sha text not null,
        primary key (org_id, source_id, ref), foreign key (org_id, source_id) references app.git_source on delete cascade);
      call app.protect('app.git_head');

      create table app.git_delivery (
        org_id uuid not null, source_id uuid not null, delivery text not null, received_at timestamptz not null,
        primary key (org_id, source_id, delivery), foreign key (org_id, source_id) references app.git_source on delete cascade);
      create index git_delivery_expired on app.git_delivery (org_id, received_at);
      call app.protect('app.git_delivery');

      create table app.git_check (
        org_id uuid not null, check_id uuid not null, source_id uuid not null, ref text not null, pull_request int, commit_sha text,
        base_sha text, base_ref text, fetch_ref text, fork_url text, everything boolean not null, cause text not null, actor text,
        status text not null check (status in ('waiting', 'running', 'done', 'failed', 'superseded')),
        attempt int not null default 0, failures int not null default 0, lease_until timestamptz, not_before timestamptz not null,
        requested_at timestamptz not null, started_at timestamptz, finished_at timestamptz,
        decision text, summary jsonb, violations jsonb not null default '[]', validations uuid[] not null default '{}', error text,
        report_state text not null default 'none' check (report_state in ('none', 'waiting', 'sent', 'failed')), report_detail text,
        report_progress jsonb not null default '{}', report_at timestamptz, report_failures int not null default 0,
        primary key (org_id, check_id), foreign key (org_id, source_id) references app.git_source on delete cascade);
      create unique index git_check_waiting on app.git_check (org_id, source_id, ref) where status = 'waiting';
      create index git_check_ready on app.git_check (org_id, not_before) where status in ('waiting', 'running');
      create index git_check_report on app.git_check (org_id, report_at) where report_state = 'waiting';
      create index git_check_listed on app.git_check (org_id, requested_at, check_id);
      create index git_check_of on app.git_check (org_id, source_id, ref, requested_at);
      call app.protect('app.git_check');

      create table directory.git_source (source_id uuid primary key, org_id uuid not null references directory.organization);
      create function directory.git_source(wanted uuid) returns uuid language sql stable security definer set search_path = '' as
        $$ select s.org_id from directory.git_source s where s.source_id = wanted $$;
      create function directory.add_git_source(new_id uuid) returns void language sql security definer set search_path = '' as
        $$ insert into directory.git_source (source_id, org_id) values (new_id, app.org()) $$;
      create function directory.remove_git_source(old_id uuid) returns void language sql security definer set search_path = '' as
        $$ delete from directory.git_source s where s.source_id = old_id and s.org_id = app.org() $$;
    `);
    await runner.query(findWork(', git boolean', ', w.git', GIT_WORK, ' or w.git'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(findWork('', '', '', ''));
    await runner.query(`
      drop function directory.remove_git_source(uuid);
      drop function directory.add_git_source(uuid);
      drop function directory.git_source(uuid);
      drop table directory.git_source;
      drop table app.git_check, app.git_delivery, app.git_head, app.git_source;
    `);
  }
}

/** Checks to be taken, results to be written back, sources to be looked at. */
const GIT_WORK = `,
              exists (select 1 from app.git_check c where c.org_id = tenant and c.status in ('waiting', 'running') and c.not_before <= at
                  and (c.status = 'waiting' or c.lease_until < at))
                or exists (select 1 from app.git_check c where c.org_id = tenant and c.report_state = 'waiting' and c.report_at <= at)
                or exists (select 1 from app.git_source s where s.org_id = tenant and s.next_poll_at <= at) as git`;

/**
 * @param returned a further column of its answer
 * @param selected the same, of the work \`w\`
 * @param looked what is looked for besides
 * @param found when there is something of it
 */
function findWork(returned: string, selected: string, looked: string, found: string): string {
  return `
    drop function app.dangerously_find_work(timestamptz);
    create function app.dangerously_find_work(at timestamptz)
    returns table (org_id uuid, due boolean, events boolean, runs boolean${returned})
    language plpgsql security definer set search_path = '' as $$
    declare
      tenant uuid;
      before text := current_setting('bylaw.org_id', true);
    begin
      for tenant in select o.org_id from directory.organization o order by o.org_id loop
        perform set_config('bylaw.org_id', tenant::text, true);
        return query select tenant, w.due, w.events, w.runs${selected} from (select
            exists (select 1 from app.trigger t where t.org_id = tenant and t.next_due_at <= at)
              or exists (select 1 from app.settling s where s.org_id = tenant and s.settles_at <= at) as due,
            exists (select 1 from app.outbox x where x.org_id = tenant and x.dispatched_at is null) as events,
            exists (select 1 from app.run r where r.org_id = tenant
              and (r.status = 'waiting' or (r.status = 'running' and r.lease_until < at))) as runs${looked}) w
          where w.due or w.events or w.runs${found};
      end loop;
      perform set_config('bylaw.org_id', coalesce(before, ''), true);
    end $$;`;
}
