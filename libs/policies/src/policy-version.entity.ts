import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '#kernel';

@Entity({ schema: 'app', name: 'policy_version' })
export class PolicyVersion {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') policyId!: string;
  @PrimaryColumn('int') version!: number;
  /** SHA-256 over what the version says and does. */
  @Column('bytea') digest!: Buffer;
  @Column('jsonb') metadata!: JsonObject;
  @Column('timestamptz') createdAt!: Date;
}
