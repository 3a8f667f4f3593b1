import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'app', name: 'enrollment' })
export class Enrollment {
  @PrimaryColumn('uuid') orgId!: string;
  @PrimaryColumn('uuid') enrollmentId!: string;
  @Column('uuid') clusterId!: string;
  @Column('bytea') hmac!: Buffer;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) usedAt!: Date | null;
}
