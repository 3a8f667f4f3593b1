import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * By what objects of a cluster are found by other objects: the keys that they hold and the references that they make, at
 * the paths that policies declare (E7), and which paths have all their rows.
 */
export class ObjectKeys20261124000007 implements MigrationInterface {
  name = 'ObjectKeys20261124000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table app.object_key_path (
        org_id uuid not null, cluster_id uuid not null, path text not null,
        primary key (org_id, cluster_id, path), foreign key (org_id, cluster_id) references app.cluster);
      call app.protect('app.object_key_path');
      create table app.object_key (
        org_id uuid not null, cluster_id uuid not null, path text not null, key text not null, object_id uuid not null,
        primary key (org_id, cluster_id, path, key, object_id),
        foreign key (org_id, object_id) references app.inventory_object);
      create index object_key_object on app.object_key (org_id, object_id);
      call app.protect('app.object_key');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table app.object_key, app.object_key_path;');
  }
}
