import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The run ledger (J2–J4), verdicts per object, violations, counts as step functions (P3), validations. */
export class Evaluation20261124000005 implements MigrationInterface {
  name = 'Evaluation20261124000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.run (
        org_id uuid not null, run_id uuid not null, cluster_id uuid not null, trigger text not null, triggers text[] not null,
        status text not null check (status in ('waiting', 'running', 'done', 'failed')), attempt int not null default 0,
        failures int not null default 0, lease_until timestamptz, state_as_of timestamptz, counts jsonb not null default '{}', error text,
        requested_at timestamptz not null, started_at timestamptz, finished_at timestamptz,
        primary key (org_id, run_id), foreign key (org_id, cluster_id) references app.cluster);
      create unique index run_live on app.run (org_id, cluster_id, status) where status in ('waiting', 'running');
      create index run_recent on app.run (org_id, requested_at desc, run_id desc);
      call app.protect('app.run');
      create table app.run_request (
        org_id uuid not null, request_id uuid not null, run_id uuid not null, trigger text not null, scope jsonb not null,
        force boolean not null default false, requested_at timestamptz not null,
        primary key (org_id, request_id), foreign key (org_id, run_id) references app.run);
      create index run_request_run on app.run_request (org_id, run_id);
      call app.protect('app.run_request');

      create table app.check_slice (
        org_id uuid not null references app.organization, slice_digest bytea not null, check_ids int[] not null,
        primary key (org_id, slice_digest));
      call app.protect('app.check_slice');
      create table app.object_evaluation (
        org_id uuid not null, object_id uuid not null, slice_digest bytea not null, memo bytea not null, verdicts bytea not null,
        body_hash bytea not null, engine text not null, evaluated_at timestamptz not null,
        primary key (org_id, object_id), foreign key (org_id, object_id) references app.inventory_object,
        foreign key (org_id, slice_digest) references app.check_slice);
      call app.protect('app.object_evaluation');

      create table app.compliance_head (
        org_id uuid not null, cluster_id uuid not null, namespace text not null, check_id int not null, since timestamptz not null,
        pass int not null, fail int not null, waived int not null, error int not null, skipped int not null,
        primary key (org_id, cluster_id, namespace, check_id),
        foreign key (org_id, cluster_id) references app.cluster, foreign key (org_id, check_id) references app.check_def,
        check (least(pass, fail, waived, error, skipped) >= 0));
      call app.protect('app.compliance_head');
      create table hist.compliance_span (
        org_id uuid not null, cluster_id uuid not null, namespace text not null, check_id int not null,
        valid_from timestamptz not null, valid_to timestamptz not null,
        pass int not null, fail int not null, waived int not null, error int not null, skipped int not null,
        primary key (org_id, cluster_id, namespace, check_id, valid_from, valid_to), check (valid_from < valid_to)) partition by range (valid_to);
      call app.protect('hist.compliance_span');

      create table app.violation (
        org_id uuid not null, violation_id uuid not null, cluster_id uuid not null, object_id uuid not null, check_id int not null,
        disposition text not null, waiver_id uuid, fingerprint bytea not null, intervals int not null default 1,
        policy_version int not null, findings jsonb not null, findings_digest bytea not null, severity smallint not null,
        opened_at timestamptz not null, since timestamptz not null, resolved_at timestamptz, resolution text,
        primary key (org_id, violation_id), unique (org_id, object_id, check_id),
        foreign key (org_id, object_id) references app.inventory_object, foreign key (org_id, check_id) references app.check_def);
      create index violation_open on app.violation (org_id, severity desc, opened_at desc, violation_id) where resolved_at is null;
      create index violation_opened on app.violation (org_id, opened_at desc, violation_id);
      create index violation_cluster on app.violation (org_id, cluster_id, opened_at desc, violation_id) where resolved_at is null;
      call app.protect('app.violation');
      create table hist.violation_span (
        org_id uuid not null, violation_id uuid not null, cluster_id uuid not null, object_id uuid not null, check_id int not null,
        valid_from timestamptz not null, valid_to timestamptz not null, disposition text not null, resolution text, cause jsonb,
        policy_version int not null, findings jsonb not null, waiver_id uuid,
        primary key (org_id, violation_id, valid_from, valid_to), check (valid_from < valid_to)) partition by range (valid_to);
      call app.protect('hist.violation_span');

      create table app.validation (
        org_id uuid not null references app.organization, validation_id uuid not null, at timestamptz not null, actor jsonb not null,
        decision text not null, fail_on text not null, cluster_id uuid, context jsonb not null default '{}',
        summary jsonb not null, result jsonb not null,
        primary key (org_id, validation_id));
      create index validation_recent on app.validation (org_id, at desc, validation_id desc);
      call app.protect('app.validation');

      create function app.dangerously_organizations() returns setof uuid language sql stable security definer set search_path = '' as
        $$ select org_id from directory.organization order by org_id $$;

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
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function app.dangerously_find_work(timestamptz);
      drop function app.dangerously_organizations();
      drop table app.validation, hist.violation_span, app.violation, hist.compliance_span, app.compliance_head,
        app.object_evaluation, app.check_slice, app.run_request, app.run;`);
  }
}
