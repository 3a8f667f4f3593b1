import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Enforcement, JsonObject } from '#kernel';

@Entity({ schema: 'app', name: 'binding' })
export class Binding {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') bindingId!: string;
  @Column('int') revision!: number;
  @Column('text') name!: string;
  @Column('uuid') targetId!: string;
  @Column('uuid', { nullable: true }) policySetId!: string | null;
  @Column('text') enforcement!: Enforcement;
  @Column('text', { nullable: true }) onError!: 'deny' | null;
  @Column('int') priority!: number;
  /** Parameter values by policy slug. */
  @Column('jsonb') parameters!: Record<string, JsonObject>;
  /** `latest`, or the library release whose versions act. */
  @Column('text') pin!: string;
  @Column('timestamptz') activeFrom!: Date;
}

@Entity({ schema: 'app', name: 'binding_trigger' })
export class BindingTrigger {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') bindingId!: string;
  @PrimaryColumn('uuid') triggerId!: string;
}
