import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TargetCondition } from '#decision';

@Entity({ schema: 'app', name: 'target' })
export class Target {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') targetId!: string;
  @Column('text') name!: string;
  @Column('jsonb') condition!: TargetCondition;
  @Column('int') revision!: number;
  /** What it was imported from. */
  @Column('text', { nullable: true }) importKey?: string | null;
}
