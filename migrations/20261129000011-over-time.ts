import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a look at a moment in the past needs beside the counts of checks: how many objects there were under checks and
 * failing (P3), and of each closed interval of a violation what a list shows of it.
 */
export class OverTime20261129000011 implements MigrationInterface {
  name = 'OverTime20261129000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table hist.violation_span add column opened_at timestamptz, add column severity smallint, add column intervals int;
      create index object_revision_cluster on hist.object_revision (org_id, cluster_id, valid_from);

      create table app.object_count_head (
        org_id uuid not null, cluster_id uuid not null, namespace text not null, since timestamptz not null,
        judged int not null, failing int not null, excluded int not null,
        primary key (org_id, cluster_id, namespace), foreign key (org_id, cluster_id) references app.cluster,
        check (least(judged, failing, excluded) >= 0 and failing <= judged));
      call app.protect('app.object_count_head');
      create table hist.object_count_span (
        org_id uuid not null, cluster_id uuid not null, namespace text not null, valid_from timestamptz not null, valid_to timestamptz not null,
        judged int not null, failing int not null, excluded int not null,
        primary key (org_id, cluster_id, namespace, valid_from, valid_to), check (valid_from < valid_to)) partition by range (valid_to);
      call app.protect('hist.object_count_span');
    `);
    await runner.query(TELL_WHAT_WAS_OPEN);
    await runner.query(`
      alter table hist.violation_span alter column opened_at set not null, alter column severity set not null, alter column intervals set not null;
      create index violation_span_opened on hist.violation_span (org_id, opened_at desc, violation_id desc);
    `);
    await runner.query(COUNT_WHAT_IS_THERE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table hist.object_count_span, app.object_count_head;
      drop index hist.object_revision_cluster, hist.violation_span_opened;
      alter table hist.violation_span drop column opened_at, drop column severity, drop column intervals;`);
  }
}

/** Of intervals that were closed before, what a list shows is what is known of their violation now. */
const TELL_WHAT_WAS_OPEN = `
  do $$
  declare
    tenant uuid;
    expected bigint;
    changed bigint;
  begin
    for tenant in select o.org_id from directory.organization o loop
      perform set_config('bylaw.org_id', tenant::text, true);
      select count(*) into expected from hist.violation_span where org_id = tenant;
      update hist.violation_span s set opened_at = s.valid_from, severity = v.severity, intervals = 1
        from app.violation v where s.org_id = tenant and v.org_id = s.org_id and v.violation_id = s.violation_id;
      get diagnostics changed = row_count;
      if expected <> changed then raise exception 'organization %: % intervals, % were told', tenant, expected, changed; end if;
    end loop;
    perform set_config('bylaw.org_id', '', true);
  end $$`;

/** Organization by organization, since the owner too sees only one at a time (T5); what was counted is asserted. */
const COUNT_WHAT_IS_THERE = `
  do $$
  declare
    tenant uuid;
    expected bigint;
    found bigint;
  begin
    for tenant in select o.org_id from directory.organization o loop
      perform set_config('bylaw.org_id', tenant::text, true);
      insert into app.object_count_head (org_id, cluster_id, namespace, since, judged, failing, excluded)
        select o.org_id, o.cluster_id, o.namespace, max(e.evaluated_at), count(*) filter (where cardinality(s.check_ids) > 0),
          count(*) filter (where cardinality(s.check_ids) > 0 and exists (select 1 from app.violation v
            where v.org_id = e.org_id and v.object_id = e.object_id and v.resolved_at is null and v.disposition = 'failing')),
          count(*) filter (where cardinality(s.check_ids) = 0)
        from app.object_evaluation e
          join app.check_slice s on s.org_id = e.org_id and s.slice_digest = e.slice_digest
          join app.inventory_object o on o.org_id = e.org_id and o.object_id = e.object_id
        where e.org_id = tenant group by o.org_id, o.cluster_id, o.namespace;
      select count(*) into expected from app.object_evaluation where org_id = tenant;
      select coalesce(sum(judged + excluded), 0) into found from app.object_count_head where org_id = tenant;
      if expected <> found then raise exception 'organization %: % objects were judged, % were counted', tenant, expected, found; end if;
    end loop;
    perform set_config('bylaw.org_id', '', true);
  end $$`;
