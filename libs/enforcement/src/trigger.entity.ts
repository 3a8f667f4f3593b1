import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'app', name: 'trigger' })
export class Trigger {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') triggerId!: string;
  @Column('text') name!: string;
  @Column('text') type!: 'schedule' | 'object-change' | 'admission' | 'ci' | 'git-push';
  @Column('text', { nullable: true }) cron!: string | null;
  @Column('text', { nullable: true }) timeZone!: string | null;
  @Column('timestamptz', { nullable: true }) nextDueAt!: Date | null;
}
