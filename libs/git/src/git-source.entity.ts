import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { GitProviderName } from '#contracts';

/** A repository, how it is reached, and how it went the last time. */
@Entity({ schema: 'app', name: 'git_source' })
export class GitSource {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') sourceId!: string;
  @Column('text') name!: string;
  @Column('text') provider!: GitProviderName;
  @Column('text') url!: string;
  @Column('text', { nullable: true }) apiUrl!: string | null;
  @Column('text', { array: true, nullable: true }) branches!: string[] | null;
  @Column('text', { array: true, nullable: true }) paths!: string[] | null;
  /** Sealed. */
  @Column('bytea', { nullable: true }) token!: Buffer | null;
  /** Sealed. */
  @Column('bytea') webhookSecret!: Buffer;
  @Column('int') pollMinutes!: number;
  @Column('text') state!: 'new' | 'ok' | 'failing';
  @Column('text', { nullable: true }) detail!: string | null;
  /** In a row. */
  @Column('int') failures!: number;
  @Column('timestamptz', { nullable: true }) lastEventAt!: Date | null;
  @Column('timestamptz', { nullable: true }) lastPolledAt!: Date | null;
  @Column('timestamptz') nextPollAt!: Date;
  @Column('timestamptz') createdAt!: Date;
  @Column('int') revision!: number;
}
