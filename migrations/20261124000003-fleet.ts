import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Clusters, their agents, what there is in them now and what there was (P1, P2, F7–F9). */
export class Fleet20261124000003 implements MigrationInterface {
  name = 'Fleet20261124000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.cluster (
        org_id uuid not null references app.organization, cluster_id uuid not null, name text not null,
        environment text, labels jsonb not null default '{}', cluster_uid text, kubernetes_version text, agent_version text,
        connection text not null default 'pending', connection_since timestamptz not null,
        last_seen_at timestamptz, created_at timestamptz not null, removed_at timestamptz,
        primary key (org_id, cluster_id));
      create unique index cluster_name on app.cluster (org_id, name) where removed_at is null;
      create unique index cluster_uid on app.cluster (org_id, cluster_uid) where removed_at is null and cluster_uid is not null;
      call app.protect('app.cluster');

      create table app.cluster_clock (
        org_id uuid not null, cluster_id uuid not null, tick timestamptz not null,
        primary key (org_id, cluster_id), foreign key (org_id, cluster_id) references app.cluster);
      call app.protect('app.cluster_clock');

      create table app.enrollment (
        org_id uuid not null, enrollment_id uuid not null, cluster_id uuid not null, hmac bytea not null,
        created_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz,
        primary key (org_id, enrollment_id), foreign key (org_id, cluster_id) references app.cluster);
      call app.protect('app.enrollment');
      create table app.agent_credential (
        org_id uuid not null, credential_id uuid not null, cluster_id uuid not null, hmac bytea not null,
        created_at timestamptz not null, revoked_at timestamptz,
        primary key (org_id, credential_id), foreign key (org_id, cluster_id) references app.cluster);
      call app.protect('app.agent_credential');

      create table app.inventory_feed (
        org_id uuid not null, cluster_id uuid not null, epoch bigint not null default 0, seq bigint not null default 0,
        normaliser smallint not null default 0, complete boolean not null default false, state_as_of timestamptz,
        problems jsonb not null default '[]',
        primary key (org_id, cluster_id), foreign key (org_id, cluster_id) references app.cluster);
      call app.protect('app.inventory_feed');
      create table app.kind_digest (
        org_id uuid not null, cluster_id uuid not null, api_group text not null, kind text not null,
        digest bytea not null, objects int not null,
        primary key (org_id, cluster_id, api_group, kind), foreign key (org_id, cluster_id) references app.cluster);
      call app.protect('app.kind_digest');

      create table app.object_body (
        org_id uuid not null references app.organization, body_hash bytea not null, normaliser smallint not null, body bytea not null,
        primary key (org_id, body_hash));
      call app.protect('app.object_body');
      create table app.inventory_object (
        org_id uuid not null, cluster_id uuid not null, object_id uuid not null,
        api_group text not null, kind text not null, namespace text not null default '', name text not null,
        api_version text not null, uid text, controller_uid text, attributes jsonb not null default '{}',
        body_hash bytea, seen_epoch bigint not null, present_since timestamptz not null, observed_at timestamptz, gone_at timestamptz,
        primary key (org_id, object_id), unique (org_id, cluster_id, api_group, kind, namespace, name),
        foreign key (org_id, cluster_id) references app.cluster,
        foreign key (org_id, body_hash) references app.object_body,
        check ((body_hash is null) = (gone_at is not null)));
      create index inventory_object_namespace on app.inventory_object (org_id, cluster_id, namespace, kind) where body_hash is not null;
      create index inventory_object_uid on app.inventory_object (org_id, cluster_id, uid) where uid is not null;
      create index inventory_object_controller on app.inventory_object (org_id, cluster_id, controller_uid) where controller_uid is not null;
      call app.protect('app.inventory_object');

      create table hist.object_revision (
        org_id uuid not null, cluster_id uuid not null, object_id uuid not null, valid_from timestamptz not null, valid_to timestamptz not null,
        body_hash bytea not null, ended text not null,
        primary key (org_id, object_id, valid_from, valid_to), check (valid_from < valid_to)) partition by range (valid_to);
      call app.protect('hist.object_revision');
      create table hist.connection_span (
        org_id uuid not null, cluster_id uuid not null, valid_from timestamptz not null, valid_to timestamptz not null, connection text not null,
        primary key (org_id, cluster_id, valid_from, valid_to), check (valid_from < valid_to)) partition by range (valid_to);
      call app.protect('hist.connection_span');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table hist.connection_span, hist.object_revision, app.inventory_object, app.object_body, app.kind_digest,
        app.inventory_feed, app.agent_credential, app.enrollment, app.cluster_clock, app.cluster;`);
  }
}
