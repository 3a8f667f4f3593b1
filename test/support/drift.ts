import { checkConfigJsonSchema } from '../../apps/cli/src/check/config.schema.js';
import { createApi } from '../../apps/api/src/create-api.js';
import { VERSION } from '#kernel';
import { OpenApiDocument } from '../../apps/api/src/operations/openapi.js';
import { BuiltInLibrary } from '#policies';
import { Database } from '#platform';
import { silentLogger, TEST_KEY, type TestCluster } from '#testing';
import { policyReference } from './policy-reference.js';

/** What the code says of documents and database. */
export interface Inspection {
  /** Texts by the file that should hold them. */
  documents: Record<string, string>;
  /** One line each where entities and migrated tables differ. */
  differences: string[];
}

/**
 * @param cluster with the migrated template
 * @returns what is to be held against the repository
 */
export async function inspect(cluster: Pick<TestCluster, 'logins'>): Promise<Inspection> {
  const app = await createApi({ ...cluster.logins, installationKey: TEST_KEY, logger: silentLogger }, VERSION);
  try {
    const { document } = app.get(OpenApiDocument);
    return {
      documents: {
        'docs/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
        'schemas/bylaw.schema.json': `${JSON.stringify(checkConfigJsonSchema(), null, 2)}\n`,
        'docs/policies.md': policyReference(app.get(BuiltInLibrary)),
      },
      differences: await entityDifferences(app.get(Database)),
    };
  } finally {
    await app.close();
  }
}

interface ColumnRow {
  schema: string;
  table: string;
  column: string;
  nullable: boolean;
  key: boolean;
}

/** Every column of an entity is in its table, as it is there, and the other way round. */
async function entityDifferences(database: Database): Promise<string[]> {
  const rows = await database.dangerouslyAskDirectory<ColumnRow>(
    `select n.nspname as schema, c.relname as table, a.attname as column, not a.attnotnull as nullable,
       coalesce(a.attnum = any(k.conkey), false) as key
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
     where n.nspname in ('app', 'hist') and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped`,
    [],
  );
  return database.dataSource.entityMetadatas.flatMap((entity) => {
    const name = `${entity.schema}.${entity.tableName}`;
    const table = new Map(rows.filter((row) => `${row.schema}.${row.table}` === name).map((row) => [row.column, row]));
    const wrong = entity.columns.flatMap((column) => {
      const row = table.get(column.databaseName);
      table.delete(column.databaseName);
      if (row === undefined) return [`${name}.${column.databaseName} is in the entity and not in the database`];
      const same = row.nullable === column.isNullable && row.key === column.isPrimary;
      return same ? [] : [`${name}.${column.databaseName} differs: nullable or key`];
    });
    return [
      ...wrong,
      ...[...table.keys()].map((column) => `${name}.${column} is in the database and not in the entity`),
    ];
  });
}
