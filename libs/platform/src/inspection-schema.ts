import type { Inspection } from './inspection.js';

/** What the database holds, without looking at any tenant's rows. */
export interface StorageFacts {
  /** Bytes. */
  databaseSize: number;
  /** The server's clock. */
  now: Date;
  /** Tables of history, each with the months that it has a partition for, as `2026_12`, and the bytes outside of them. */
  histories: { name: string; months: string[]; restBytes: number }[];
}

/** What the directory knows of one credential. */
export interface KnownCredentialFacts {
  /** By its HMAC under this installation's key. */
  byHmac: boolean;
  /** By the id that it carries. */
  byId: boolean;
  /** Whether there are any. */
  any: boolean;
}

/**
 * @param owner a connection as the owner
 * @returns names of the migrations that have run, in their order; undefined where there is nothing of the platform yet
 */
export async function readMigrations(owner: Inspection): Promise<string[] | undefined> {
  const [present] = await owner.read<{ applied: boolean }>(
    `select exists (select from pg_tables where schemaname = 'migrations' and tablename = 'applied') as applied`,
  );
  if (present?.applied !== true) return undefined;
  const rows = await owner.read<{ name: string }>('select name from migrations.applied order by timestamp');
  return rows.map(({ name }) => name);
}

/** @param inspection a connection as any login of the platform */
export async function readStorage(inspection: Inspection): Promise<StorageFacts> {
  const [storage] = await inspection.read<Omit<StorageFacts, 'histories'>>(
    'select pg_database_size(current_database())::float8 as "databaseSize", clock_timestamp() as now',
  );
  const histories = await inspection.read<StorageFacts['histories'][number]>(
    `select p.relname as name,
       array(select right(c.relname, 7) from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = p.oid and c.relname ~ '_\\d{4}_\\d{2}$' order by 1) as months,
       coalesce((select sum(pg_relation_size(c.oid)) from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = p.oid and c.relname !~ '_\\d{4}_\\d{2}$'), 0)::float8 as "restBytes"
     from pg_class p join pg_namespace n on n.oid = p.relnamespace where n.nspname = 'hist' and p.relkind = 'p' order by 1`,
  );
  if (storage === undefined) throw new Error('the database says nothing of its size');
  return { ...storage, histories };
}

/**
 * @param owner a connection as the owner
 * @param hmac of a credential under the installation's key
 * @param id that the credential carries, a UUID
 * @returns undefined where there is no directory yet
 */
export async function readCredential(
  owner: Inspection,
  hmac: Buffer | null,
  id: string | null,
): Promise<KnownCredentialFacts | undefined> {
  const [present] = await owner.read<{ there: boolean }>(
    `select exists (select from pg_tables where schemaname = 'directory' and tablename = 'credential') as there`,
  );
  if (present?.there !== true) return undefined;
  const [known] = await owner.read<KnownCredentialFacts>(
    `select exists (select from directory.credential where hmac = $1) as "byHmac",
       exists (select from directory.credential where credential_id = $2) as "byId",
       exists (select from directory.credential) as any`,
    [hmac, id],
  );
  return known;
}

/** @returns the server's clock, milliseconds since 1970 */
export async function readPostgresTime(inspection: Inspection): Promise<number> {
  const [row] = await inspection.read<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  return row?.ms ?? Number.NaN;
}
