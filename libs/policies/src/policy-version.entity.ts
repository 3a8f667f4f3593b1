import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Actor, JsonObject } from '#kernel';

@Entity({ schema: 'app', name: 'policy_version' })
export class PolicyVersion {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') policyId!: string;
  @PrimaryColumn('int') version!: number;
  /** SHA-256 over what the version says and does. */
  @Column('bytea') digest!: Buffer;
  @Column('jsonb') metadata!: JsonObject;
  @Column('timestamptz') createdAt!: Date;
  /** What the author gave beside the Rego: it wins over its METADATA. */
  @Column('jsonb') given!: JsonObject;
  /** What it is tested on. */
  @Column('jsonb') cases!: object[];
  /** Null for built-in policies: their Rego comes with the platform (T6). */
  @Column('text', { nullable: true }) rego!: string | null;
  @Column('text', { nullable: true }) tests!: string | null;
  @Column('text', { nullable: true }) note!: string | null;
  @Column('jsonb', { nullable: true }) author!: Actor | null;
  @Column('timestamptz', { nullable: true }) publishedAt!: Date | null;
}
