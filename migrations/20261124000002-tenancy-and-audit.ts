import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Organizations, API keys, the hash-chained audit log and the outbox (J1). */
export class TenancyAndAudit20261124000002 implements MigrationInterface {
  name = 'TenancyAndAudit20261124000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.organization (
        org_id uuid primary key, slug text not null, name text not null,
        fail_on text not null default 'high', created_at timestamptz not null);
      call app.protect('app.organization');

      create table app.api_key (
        org_id uuid not null references app.organization, api_key_id uuid not null, name text not null, hint text not null,
        hmac bytea not null, scopes text[] not null, fail_on text, created_at timestamptz not null,
        expires_at timestamptz, revoked_at timestamptz,
        primary key (org_id, api_key_id));
      call app.protect('app.api_key');

      create table app.audit_log (
        org_id uuid not null references app.organization, seq bigint not null, at timestamptz not null, actor jsonb not null,
        action text not null, subject text not null, before jsonb, after jsonb, request_id uuid,
        prev_hash bytea not null, hash bytea not null,
        primary key (org_id, seq));
      call app.protect('app.audit_log');
      create table app.audit_head (org_id uuid primary key references app.organization, seq bigint not null, hash bytea not null);
      call app.protect('app.audit_head');

      create table app.outbox (
        org_id uuid not null references app.organization, event_id uuid not null, xid xid8 not null default pg_current_xact_id(),
        topic text not null, payload jsonb not null, at timestamptz not null, dispatched_at timestamptz,
        primary key (org_id, event_id));
      create index outbox_pending on app.outbox (org_id, xid, event_id) where dispatched_at is null;
      call app.protect('app.outbox');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table app.outbox, app.audit_head, app.audit_log, app.api_key, app.organization;');
  }
}
