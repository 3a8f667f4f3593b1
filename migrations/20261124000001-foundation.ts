import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schemas, the tenant's identity, and the functions that protect and partition every later table (T1–T4, P1). */
export class Foundation20261124000001 implements MigrationInterface {
  name = 'Foundation20261124000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema app;
      create schema hist;
      create schema directory;
      create function app.org() returns uuid language sql stable as
        $$ select nullif(current_setting('bylaw.org_id', true), '')::uuid $$;

      create procedure app.protect(target regclass) language plpgsql as $$
      begin
        execute format('alter table %s enable row level security', target);
        execute format('alter table %s force row level security', target);
        execute format('create policy tenant on %s using (org_id = (select app.org())) with check (org_id = (select app.org()))', target);
      end $$;

      create procedure hist.ensure_partitions(first_month date, last_month date) language plpgsql as $$
      declare
        parent record;
        month date;
        part text;
      begin
        for parent in select c.oid, c.relname from pg_class c where c.relnamespace = 'hist'::regnamespace and c.relkind = 'p' loop
          part := parent.relname || '_rest';
          if to_regclass(format('hist.%I', part)) is null then
            execute format('create table hist.%I partition of %s default', part, parent.oid::regclass);
            call app.protect(format('hist.%I', part)::regclass);
          end if;
          month := date_trunc('month', first_month)::date;
          while month <= last_month loop
            part := parent.relname || to_char(month, '_YYYY_MM');
            if to_regclass(format('hist.%I', part)) is null then
              execute format('create table hist.%I partition of %s for values from (%L) to (%L)', part, parent.oid::regclass,
                month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
              call app.protect(format('hist.%I', part)::regclass);
            end if;
            month := (month + interval '1 month')::date;
          end loop;
        end loop;
      end $$;
    `);
    await runner.query(`
      create table directory.organization (org_id uuid primary key, slug text not null unique, created_at timestamptz not null);
      create table directory.credential (
        hmac bytea primary key, org_id uuid not null references directory.organization,
        kind text not null check (kind in ('api_key', 'agent', 'enrollment')), credential_id uuid not null);

      create function directory.org_by_slug(wanted text) returns uuid language sql stable security definer set search_path = '' as
        $$ select org_id from directory.organization where slug = wanted $$;
      create function directory.credential_by_hmac(wanted bytea) returns table (org_id uuid, kind text, credential_id uuid)
        language sql stable security definer set search_path = '' as
        $$ select c.org_id, c.kind, c.credential_id from directory.credential c where c.hmac = wanted limit 1 $$;
      create function directory.add_organization(wanted text, at timestamptz) returns void
        language sql security definer set search_path = '' as
        $$ insert into directory.organization (org_id, slug, created_at) values (app.org(), wanted, at) $$;
      create function directory.add_credential(new_hmac bytea, new_kind text, new_id uuid) returns void
        language sql security definer set search_path = '' as
        $$ insert into directory.credential (hmac, org_id, kind, credential_id) values (new_hmac, app.org(), new_kind, new_id) $$;
      create function directory.remove_credential(old_hmac bytea) returns void
        language sql security definer set search_path = '' as
        $$ delete from directory.credential c where c.hmac = old_hmac and c.org_id = app.org() $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema directory cascade; drop schema hist cascade; drop schema app cascade;');
  }
}
