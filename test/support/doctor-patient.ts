import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock, type Clock } from '#kernel';
import { loginOf } from '#platform';
import { TEST_SECRET } from '#testing';
import { examine, type Report } from '../../apps/doctor/src/doctor.js';
import { TestPlatform } from './test-platform.js';

type Changes = Record<string, string | undefined>;
type Found = Report['findings'][number];

/** What a complaint is about, how bad it is, and what it says. */
export function said(found: readonly Found[]): string[] {
  return found.map(({ check, subject, status, found: what }) => `${status} ${check}/${subject}: ${what}`);
}

/** A test's platform is of a version of its own; how full machine and server are, others decide. */
const NOT_THE_PATIENT = new Set(['version', 'connections', 'free space']);

/** An installation that things are broken in, one at a time, to see whether the doctor finds them. */
export class DoctorPatient {
  private readonly roles: string[] = [];

  private constructor(
    readonly platform: TestPlatform,
    readonly dataDir: string,
  ) {}

  static async start(): Promise<DoctorPatient> {
    const platform = await TestPlatform.start();
    await platform.stranger();
    await platform.settle();
    return new DoctorPatient(platform, mkdtempSync(join(tmpdir(), 'bylaw-doctor-')));
  }

  /** What the platform runs with. */
  environment(changes: Changes = {}): Changes {
    const { ownerUrl, applicationUrl, queueUrl } = this.platform.database.logins;
    return {
      DATABASE_URL: applicationUrl,
      DATABASE_OWNER_URL: ownerUrl,
      DATABASE_DIRECT_URL: queueUrl,
      BYLAW_DATA_DIR: this.dataDir,
      BYLAW_SECRET_KEY: TEST_SECRET.toString('base64'),
      BYLAW_INIT_API_KEY: this.platform.owner.key,
      BYLAW_PUBLIC_URL: this.platform.url,
      ...changes,
    };
  }

  /** @returns everything of the installation that is not as it should be */
  async complaints(
    changes: Changes = {},
    options: { clock?: Clock; url?: string; limitMs?: number } = {},
  ): Promise<Found[]> {
    const { clock = systemClock, url, limitMs = 20_000 } = options;
    const { findings } = await examine({ environment: this.environment(changes), url, limitMs, clock });
    return findings.filter(({ status, subject }) => status !== 'ok' && !NOT_THE_PATIENT.has(subject));
  }

  /**
   * Breaks something in the database, and mends it.
   * @param breaking and `mending`: SQL, run by a superuser
   * @returns what was found while it was broken
   */
  async broken(breaking: string, mending: string, changes: Changes = {}): Promise<Found[]> {
    await this.sql(breaking);
    try {
      return await this.complaints(changes);
    } finally {
      await this.sql(mending);
    }
  }

  /** A superuser's login to this installation's database. */
  get superuserUrl(): string {
    const { superuserUrl, logins } = this.platform.database;
    return Object.assign(new URL(superuserUrl), { pathname: new URL(logins.ownerUrl).pathname }).toString();
  }

  /** Asks this installation's database as a superuser. */
  async sql<Row>(text: string): Promise<Row[]> {
    // It mends what refuses every write.
    const options = '-c default_transaction_read_only=off';
    const client = new pg.Client({ connectionString: this.superuserUrl, options });
    await client.connect();
    try {
      return (await client.query(text)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /**
   * Makes a login that may do what the application's may, and what else it is given.
   * @param attributes as `create role` takes them
   * @returns its URL
   */
  async aLogin(attributes: string): Promise<string> {
    const role = `t_${randomBytes(6).toString('hex')}`;
    this.roles.push(role);
    const { applicationUrl } = this.platform.database.logins;
    await this.sql(`create role ${role} login ${attributes} password 'a secret of its own'`);
    await this.sql(`grant ${loginOf(applicationUrl)} to ${role}`);
    return Object.assign(new URL(applicationUrl), {
      username: role,
      password: 'a%20secret%20of%20its%20own',
    }).toString();
  }

  /** Writes a file into the data folder. @returns its path */
  write(name: string, text: string, mode = 0o600): string {
    const file = join(this.dataDir, name);
    writeFileSync(file, text, { mode });
    return file;
  }

  async stop(): Promise<void> {
    for (const role of this.roles) await this.sql(`drop owned by ${role}; drop role ${role}`);
    await this.platform.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
