import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'app', name: 'agent_credential' })
export class AgentCredential {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') credentialId!: string;
  @Column('uuid') clusterId!: string;
  @Column('bytea') hmac!: Buffer;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
}
