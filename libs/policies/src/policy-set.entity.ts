import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '#kernel';

@Entity({ schema: 'app', name: 'policy_set' })
export class PolicySet {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') policySetId!: string;
  @Column('text') slug!: string;
  @Column('text') title!: string;
  @Column('text') description!: string;
  @Column('text') origin!: 'builtin' | 'custom';
  @Column('int') revision!: number;
  /** What it was imported from. */
  @Column('text', { nullable: true }) importKey?: string | null;
}

@Entity({ schema: 'app', name: 'policy_set_item' })
export class PolicySetItem {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') policySetId!: string;
  @PrimaryColumn('uuid') policyId!: string;
  @PrimaryColumn('text') instance!: string;
  @Column('jsonb') parameters!: JsonObject;
}
