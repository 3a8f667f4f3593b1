import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TriggerType } from '#contracts';

@Entity({ schema: 'app', name: 'trigger' })
export class Trigger {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') triggerId!: string;
  @Column('text') name!: string;
  @Column('text') type!: TriggerType;
  @Column('text', { nullable: true }) cron!: string | null;
  @Column('text', { nullable: true }) timeZone!: string | null;
  @Column('int') jitterSeconds!: number;
  @Column('timestamptz', { nullable: true }) nextDueAt!: Date | null;
  @Column('timestamptz', { nullable: true }) lastFiredAt!: Date | null;
  @Column('int') revision!: number;
}
