import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RunShape, RunTrigger } from '#contracts';

export type RunCounts = RunShape['counts'];

@Entity({ schema: 'app', name: 'run' })
export class Run {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') runId!: string;
  @Column('uuid') clusterId!: string;
  @Column('text') trigger!: RunTrigger;
  @Column('text', { array: true }) triggers!: RunTrigger[];
  @Column('text') status!: RunShape['status'];
  @Column('int') attempt!: number;
  /** Attempts that ended with an error; those that were lost with their worker are no fault of the run's. */
  @Column('int') failures!: number;
  @Column('timestamptz', { nullable: true }) leaseUntil!: Date | null;
  @Column('timestamptz', { nullable: true }) stateAsOf!: Date | null;
  @Column('jsonb') counts!: RunCounts;
  @Column('text', { nullable: true }) error!: string | null;
  @Column('timestamptz') requestedAt!: Date;
  @Column('timestamptz', { nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) finishedAt!: Date | null;
}
