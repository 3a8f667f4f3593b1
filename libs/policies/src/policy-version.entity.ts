import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Actor, JsonObject } from '#kernel';
import type { Dialect, LibrarySource, RegoVersion } from '#engine';

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
  /** Whose engine it was written for (E8). */
  @Column('text') dialect!: Dialect;
  @Column('text') regoVersion!: RegoVersion;
  /** Modules of its own. */
  @Column('jsonb') libs!: LibrarySource[];
  /** SHA-256 of the foreign document that it was made of. */
  @Column('bytea', { nullable: true }) importDigest!: Buffer | null;
  @Column('text', { nullable: true }) tests!: string | null;
  @Column('text', { nullable: true }) note!: string | null;
  @Column('jsonb', { nullable: true }) author!: Actor | null;
  @Column('timestamptz', { nullable: true }) publishedAt!: Date | null;
}
