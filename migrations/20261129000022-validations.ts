import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every validation asks by which rules: what it was told is kept in memory as long as `enforcement_revision` is the same,
 * which each transaction moves that changes what bindings say. An answer is kept compressed, its first byte saying how;
 * repository and ref are columns, so that the validation before can be found (P4).
 */
export class Validations20261129000022 implements MigrationInterface {
  name = 'Validations20261129000022';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.enforcement_revision (
        org_id uuid primary key references app.organization, moved_by xid8 not null);
      call app.protect('app.enforcement_revision');

      create function app.move_enforcement_revision() returns trigger language plpgsql set search_path = '' as $$
      declare
        moved uuid := case when tg_op = 'DELETE' then old.org_id else new.org_id end;
        before text := coalesce(current_setting('bylaw.org_id', true), '');
      begin
        -- Deferred to the commit, where a transaction over many organizations has gone on to another one.
        perform set_config('bylaw.org_id', moved::text, true);
        insert into app.enforcement_revision (org_id, moved_by) values (moved, pg_catalog.pg_current_xact_id())
          on conflict (org_id) do update set moved_by = excluded.moved_by
          where app.enforcement_revision.moved_by <> excluded.moved_by;
        perform set_config('bylaw.org_id', before, true);
        return null;
      end $$;
    `);
    for (const table of TABLES)
      await runner.query(`
        create constraint trigger ${table}_moves_enforcement after insert or update or delete on app.${table}
          deferrable initially deferred for each row execute function app.move_enforcement_revision();`);
    await runner.query(`
      alter table app.organization add column ignores boolean not null default false;
      alter table app.validation add column repository text, add column ref text, add column answer bytea;
      alter table app.validation alter column answer set storage external;`);
    await runner.query(EACH_ORGANIZATION(PACK));
    await runner.query(`
      alter table app.validation alter column answer set not null, drop column result;
      create index validation_of_ref on app.validation (org_id, repository, ref, at, validation_id) where repository is not null;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      truncate app.validation;
      alter table app.organization drop column ignores;
      alter table app.validation drop column repository, drop column ref, drop column answer, add column result jsonb not null;`);
    for (const table of TABLES) await runner.query(`drop trigger ${table}_moves_enforcement on app.${table};`);
    await runner.query('drop function app.move_enforcement_revision(); drop table app.enforcement_revision;');
  }
}

/** What is read to say by which rules objects are judged. */
const TABLES = [
  'binding',
  'binding_item',
  'binding_trigger',
  'check_def',
  'policy',
  'policy_quarantine',
  'policy_set_item',
  'policy_version',
  'target',
];

/** 0 before a text as it is; new answers are compressed. */
const PACK = `
  update app.validation set repository = context ->> 'repository', ref = context ->> 'ref',
    answer = '\\x00'::bytea || convert_to(result::text, 'UTF8') where org_id = tenant;`;

/** Organization by organization, since the owner too sees only one at a time (T5). */
const EACH_ORGANIZATION = (work: string): string => `
  do $$
  declare
    tenant uuid;
  begin
    for tenant in select o.org_id from directory.organization o loop
      perform set_config('bylaw.org_id', tenant::text, true);
      ${work}
    end loop;
    perform set_config('bylaw.org_id', '', true);
  end $$;`;
