import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Severity } from '#kernel';

@Entity({ schema: 'app', name: 'api_key' })
export class ApiKey {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') apiKeyId!: string;
  @Column('text') name!: string;
  /** The key's last characters, by which people tell keys apart. */
  @Column('text') hint!: string;
  @Column('bytea') hmac!: Buffer;
  @Column('text', { array: true }) scopes!: string[];
  @Column('text', { nullable: true }) failOn!: Severity | null;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) expiresAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
}
