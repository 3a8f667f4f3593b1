import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'app', name: 'policy' })
export class Policy {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') policyId!: string;
  @Column('text') slug!: string;
  @Column('text') origin!: 'builtin' | 'custom' | 'imported';
  @Column('text') title!: string;
  @Column('text') category!: string;
  /** Rank: 0 info … 4 critical. */
  @Column('smallint') severity!: number;
  @Column('text') status!: 'draft' | 'published' | 'deprecated' | 'archived';
  /** The version that acts. */
  @Column('int') version!: number;
  @Column('text', { array: true }) kinds!: string[];
  @Column('timestamptz') updatedAt!: Date;
  @Column('int') revision!: number;
  /** Where it is kept, where that is elsewhere. */
  @Column('text', { nullable: true }) source!: string | null;
  /** What it was imported from. */
  @Column('text', { nullable: true }) importKey!: string | null;
}
