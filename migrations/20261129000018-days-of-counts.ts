import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What moved in an organization as a whole, so that looks back at all of its clusters need not walk through every cell:
 * each move is noted in `app`, and packed by the day into `hist`. It takes the place of the steps of objects' counts. Lists of
 * violations are read backwards from indexes that grow at their end, where pages fill up.
 */
export class DaysOfCounts20261129000018 implements MigrationInterface {
  name = 'DaysOfCounts20261129000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.compliance_change (
        org_id uuid not null, at timestamptz not null, cluster_id uuid not null, check_id int not null,
        pass int not null, fail int not null, waived int not null, error int not null, skipped int not null,
        primary key (org_id, at, cluster_id, check_id));
      call app.protect('app.compliance_change');
      create table app.object_count_change (
        org_id uuid not null, at timestamptz not null, cluster_id uuid not null, namespace text not null,
        judged int not null, failing int not null, excluded int not null,
        primary key (org_id, at, cluster_id, namespace));
      call app.protect('app.object_count_change');

      create table hist.compliance_day (
        org_id uuid not null, valid_from timestamptz not null, valid_to timestamptz not null, format smallint not null,
        opening bytea not null, changes bytea not null, objects_opening bytea not null, objects_changes bytea not null,
        primary key (org_id, valid_from, valid_to), check (valid_from < valid_to)) partition by range (valid_to);
      call app.protect('hist.compliance_day');
      alter table hist.compliance_day alter column opening set storage external, alter column changes set storage external,
        alter column objects_opening set storage external, alter column objects_changes set storage external;
    `);
    await runner.query(NOTE_WHAT_MOVED);
    await runner.query(`
      drop table hist.object_count_span;
      drop index app.violation_open, app.violation_opened, app.violation_cluster, hist.violation_span_opened;
      create index violation_open on app.violation (org_id, severity, opened_at, violation_id) where resolved_at is null;
      create index violation_opened on app.violation (org_id, opened_at, violation_id);
      create index violation_cluster on app.violation (org_id, cluster_id, opened_at, violation_id) where resolved_at is null;
      create index violation_span_opened on hist.violation_span (org_id, opened_at, violation_id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table hist.compliance_day, app.object_count_change, app.compliance_change;
      create table hist.object_count_span (
        org_id uuid not null, cluster_id uuid not null, namespace text not null, valid_from timestamptz not null, valid_to timestamptz not null,
        judged int not null, failing int not null, excluded int not null,
        primary key (org_id, cluster_id, namespace, valid_from, valid_to), check (valid_from < valid_to)) partition by range (valid_to);
      call app.protect('hist.object_count_span');
      drop index app.violation_open, app.violation_opened, app.violation_cluster, hist.violation_span_opened;
      create index violation_open on app.violation (org_id, severity desc, opened_at desc, violation_id) where resolved_at is null;
      create index violation_opened on app.violation (org_id, opened_at desc, violation_id);
      create index violation_cluster on app.violation (org_id, cluster_id, opened_at desc, violation_id) where resolved_at is null;
      create index violation_span_opened on hist.violation_span (org_id, opened_at desc, violation_id desc);`);
  }
}

/** Organization by organization, since the owner too sees only one at a time (T5); what comes out is what is counted now. */
const NOTE_WHAT_MOVED = `
  do $$
  declare
    tenant uuid;
    counted bigint;
    noted bigint;
  begin
    for tenant in select o.org_id from directory.organization o loop
      perform set_config('bylaw.org_id', tenant::text, true);
      insert into app.compliance_change (org_id, at, cluster_id, check_id, pass, fail, waived, error, skipped)
        select tenant, at, cluster_id, check_id, sum(pass), sum(fail), sum(waived), sum(error), sum(skipped) from (
          select since as at, cluster_id, check_id, pass, fail, waived, error, skipped from app.compliance_head where org_id = tenant
          union all select valid_from, cluster_id, check_id, pass, fail, waived, error, skipped from hist.compliance_span where org_id = tenant
          union all select valid_to, cluster_id, check_id, -pass, -fail, -waived, -error, -skipped from hist.compliance_span where org_id = tenant) m
        group by at, cluster_id, check_id
        having (sum(pass), sum(fail), sum(waived), sum(error), sum(skipped)) <> (0, 0, 0, 0, 0);
      insert into app.object_count_change (org_id, at, cluster_id, namespace, judged, failing, excluded)
        select tenant, at, cluster_id, namespace, sum(judged), sum(failing), sum(excluded) from (
          select since as at, cluster_id, namespace, judged, failing, excluded from app.object_count_head where org_id = tenant
          union all select valid_from, cluster_id, namespace, judged, failing, excluded from hist.object_count_span where org_id = tenant
          union all select valid_to, cluster_id, namespace, -judged, -failing, -excluded from hist.object_count_span where org_id = tenant) m
        group by at, cluster_id, namespace having (sum(judged), sum(failing), sum(excluded)) <> (0, 0, 0);
      select coalesce(sum(pass + fail + waived + error + skipped), 0) into counted from app.compliance_head where org_id = tenant;
      select coalesce(sum(pass + fail + waived + error + skipped), 0) into noted from app.compliance_change where org_id = tenant;
      if counted <> noted then raise exception 'organization %: % pairs are counted, % were noted', tenant, counted, noted; end if;
      select coalesce(sum(judged + excluded), 0) into counted from app.object_count_head where org_id = tenant;
      select coalesce(sum(judged + excluded), 0) into noted from app.object_count_change where org_id = tenant;
      if counted <> noted then raise exception 'organization %: % objects are counted, % were noted', tenant, counted, noted; end if;
    end loop;
    perform set_config('bylaw.org_id', '', true);
  end $$`;
