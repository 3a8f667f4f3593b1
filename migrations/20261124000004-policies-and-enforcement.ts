import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Policies and sets (T6), targets, triggers and bindings. */
export class PoliciesAndEnforcement20261124000004 implements MigrationInterface {
  name = 'PoliciesAndEnforcement20261124000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.policy (
        org_id uuid not null references app.organization, policy_id uuid not null, slug text not null, origin text not null,
        title text not null, category text not null, severity smallint not null, status text not null, version int not null,
        kinds text[] not null, updated_at timestamptz not null,
        primary key (org_id, policy_id), unique (org_id, slug));
      call app.protect('app.policy');
      create table app.policy_version (
        org_id uuid not null, policy_id uuid not null, version int not null, digest bytea not null, metadata jsonb not null,
        created_at timestamptz not null,
        primary key (org_id, policy_id, version), foreign key (org_id, policy_id) references app.policy);
      call app.protect('app.policy_version');

      create table app.policy_set (
        org_id uuid not null references app.organization, policy_set_id uuid not null, slug text not null, title text not null,
        description text not null default '', origin text not null,
        primary key (org_id, policy_set_id), unique (org_id, slug));
      call app.protect('app.policy_set');
      create table app.policy_set_item (
        org_id uuid not null, policy_set_id uuid not null, policy_id uuid not null, instance text not null default '',
        parameters jsonb not null default '{}',
        primary key (org_id, policy_set_id, policy_id, instance),
        foreign key (org_id, policy_set_id) references app.policy_set, foreign key (org_id, policy_id) references app.policy);
      call app.protect('app.policy_set_item');

      create table app.target (
        org_id uuid not null references app.organization, target_id uuid not null, name text not null, condition jsonb not null,
        primary key (org_id, target_id), unique (org_id, name));
      call app.protect('app.target');
      create table app.trigger (
        org_id uuid not null references app.organization, trigger_id uuid not null, name text not null, type text not null,
        cron text, time_zone text, next_due_at timestamptz,
        primary key (org_id, trigger_id), unique (org_id, name));
      call app.protect('app.trigger');
      create table app.binding (
        org_id uuid not null, binding_id uuid not null, revision int not null, name text not null, target_id uuid not null,
        policy_set_id uuid, enforcement text not null, on_error text, priority int not null default 0, parameters jsonb not null default '{}',
        pin text not null default 'latest', active_from timestamptz not null,
        primary key (org_id, binding_id), unique (org_id, name),
        foreign key (org_id, target_id) references app.target, foreign key (org_id, policy_set_id) references app.policy_set);
      call app.protect('app.binding');
      create table app.binding_item (
        org_id uuid not null, binding_id uuid not null, policy_id uuid not null, instance text not null default '',
        parameters jsonb not null default '{}',
        primary key (org_id, binding_id, policy_id, instance),
        foreign key (org_id, binding_id) references app.binding, foreign key (org_id, policy_id) references app.policy);
      call app.protect('app.binding_item');
      create table app.binding_trigger (
        org_id uuid not null, binding_id uuid not null, trigger_id uuid not null,
        primary key (org_id, binding_id, trigger_id),
        foreign key (org_id, binding_id) references app.binding, foreign key (org_id, trigger_id) references app.trigger);
      call app.protect('app.binding_trigger');
      create table app.check_def (
        org_id uuid not null, check_id int not null, policy_id uuid not null, instance text not null default '',
        primary key (org_id, check_id), unique (org_id, policy_id, instance),
        foreign key (org_id, policy_id) references app.policy);
      call app.protect('app.check_def');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table app.check_def, app.binding_trigger, app.binding_item, app.binding, app.trigger, app.target,
        app.policy_set_item, app.policy_set, app.policy_version, app.policy;`);
  }
}
