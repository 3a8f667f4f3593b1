import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An organization's own policies and their modules, revisions of everything that is edited, triggers that fall due. */
export class OwnPolicies20261124000006 implements MigrationInterface {
  name = 'OwnPolicies20261124000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table app.policy add column revision int not null default 1;
      alter table app.policy_version
        add column rego text, add column tests text, add column note text, add column author jsonb, add column published_at timestamptz,
          add column given jsonb not null default '{}';
      create table app.policy_quarantine (
        org_id uuid not null, policy_id uuid not null, version int not null, reason text not null, since timestamptz not null,
        primary key (org_id, policy_id), foreign key (org_id, policy_id, version) references app.policy_version);
      call app.protect('app.policy_quarantine');
      create table app.module (
        org_id uuid not null references app.organization, digest bytea not null, engine_abi int not null, policies jsonb not null,
        wasm bytea not null, created_at timestamptz not null,
        primary key (org_id, digest));
      call app.protect('app.module');

      alter table app.organization add column revision int not null default 1;
      alter table app.cluster add column revision int not null default 1;
      alter table app.policy_set add column revision int not null default 1;
      alter table app.target add column revision int not null default 1;
      alter table app.trigger
        add column revision int not null default 1, add column jitter_seconds int not null default 0, add column last_fired_at timestamptz;
      create index trigger_due on app.trigger (org_id, next_due_at) where next_due_at is not null;
      alter table app.binding add column pinned jsonb, add column pinned_module bytea;
      alter table app.check_slice add column check_digests bytea[];
      create table app.settling (
        org_id uuid not null, object_id uuid not null, cluster_id uuid not null, settles_at timestamptz not null,
        primary key (org_id, object_id), foreign key (org_id, object_id) references app.inventory_object);
      create index settling_due on app.settling (org_id, settles_at);
      call app.protect('app.settling');
      create index audit_log_subject on app.audit_log (org_id, subject, seq desc);
      create index audit_log_action on app.audit_log (org_id, action, seq desc);
    `);
    await runner.query(`
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

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function app.dangerously_find_due(timestamptz);
      drop table app.settling;
      drop index app.audit_log_action, app.audit_log_subject;
      alter table app.check_slice drop column check_digests;
      alter table app.binding drop column pinned, drop column pinned_module;
      drop index app.trigger_due;
      alter table app.trigger drop column revision, drop column jitter_seconds, drop column last_fired_at;
      alter table app.target drop column revision;
      alter table app.policy_set drop column revision;
      alter table app.cluster drop column revision;
      alter table app.organization drop column revision;
      drop table app.module, app.policy_quarantine;
      alter table app.policy_version drop column rego, drop column tests, drop column note, drop column author, drop column published_at, drop column given;
      alter table app.policy drop column revision;`);
  }
}
