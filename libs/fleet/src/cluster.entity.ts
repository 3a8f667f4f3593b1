import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Connection } from '#contracts';

@Entity({ schema: 'app', name: 'cluster' })
export class Cluster {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') clusterId!: string;
  @Column('text') name!: string;
  @Column('text', { nullable: true }) environment!: string | null;
  @Column('jsonb') labels!: Record<string, string>;
  /** UID of its `kube-system` namespace, by which it is known again (F7). */
  @Column('text', { nullable: true }) clusterUid!: string | null;
  @Column('text', { nullable: true }) kubernetesVersion!: string | null;
  @Column('text', { nullable: true }) agentVersion!: string | null;
  /** As last recorded; what it is now follows from `lastSeenAt`. */
  @Column('text') connection!: Connection;
  @Column('timestamptz') connectionSince!: Date;
  @Column('timestamptz', { nullable: true }) lastSeenAt!: Date | null;
  @Column('timestamptz') createdAt!: Date;
  /** Of what people edit: name, environment, labels. */
  @Column('int') revision!: number;
  @Column('timestamptz', { nullable: true }) removedAt!: Date | null;
}
