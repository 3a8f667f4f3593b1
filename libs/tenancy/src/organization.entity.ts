import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Severity } from '#kernel';

@Entity({ schema: 'app', name: 'organization' })
export class Organization {
  @PrimaryColumn('uuid') orgId!: string;
  @Column('text') slug!: string;
  @Column('text') name!: string;
  @Column('text') failOn!: Severity;
  @Column('timestamptz') createdAt!: Date;
  @Column('int') revision!: number;
}
