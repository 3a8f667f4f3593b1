import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Severity } from '#kernel';
import type { QuotaOverrides } from './quotas.rules.js';

@Entity({ schema: 'app', name: 'organization' })
export class Organization {
  @PrimaryColumn('uuid') orgId!: string;
  @Column('text') slug!: string;
  @Column('text') name!: string;
  @Column('text') failOn!: Severity;
  /** Whether comments and annotations of posted specs may have policies ignored. */
  @Column('boolean', { default: false }) ignores!: boolean;
  /** What the operator said; the rest has its default. */
  @Column('jsonb') quotas!: QuotaOverrides;
  @Column('timestamptz') createdAt!: Date;
  @Column('int') revision!: number;
}
