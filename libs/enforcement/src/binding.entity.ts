import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Enforcement, JsonObject } from '#kernel';

/** The built-in policies of a release, as far as a binding uses them (V5). */
export interface PinnedLibrary {
  /** Version by policy id. */
  versions: Record<string, number>;
  /** Of a built-in set: its members then; else the binding's own items, or its own set's, count. */
  members?: { policy_id: string; instance: string; parameters: JsonObject }[];
}

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
  /** What the pin stood for when it was saved; null with `latest`. */
  @Column('jsonb', { nullable: true }) pinned!: PinnedLibrary | null;
  /** SHA-256 of the module of that release. */
  @Column('bytea', { nullable: true }) pinnedModule!: Buffer | null;
  @Column('timestamptz') activeFrom!: Date;
  /** What it was imported from. */
  @Column('text', { nullable: true }) importKey?: string | null;
}

@Entity({ schema: 'app', name: 'binding_item' })
export class BindingItemRow {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') bindingId!: string;
  @PrimaryColumn('uuid') policyId!: string;
  @PrimaryColumn('text') instance!: string;
  @Column('jsonb') parameters!: JsonObject;
}

@Entity({ schema: 'app', name: 'binding_trigger' })
export class BindingTrigger {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') bindingId!: string;
  @PrimaryColumn('uuid') triggerId!: string;
}
