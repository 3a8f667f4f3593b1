import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scope } from '#kernel';
import { eventually, TestFeatures } from '#testing';
import type { ReadTx } from './transaction.js';

const ROWS = 500;
const never = new AbortController().signal;

describe('what is too much for memory', () => {
  let features: TestFeatures;
  let scope: Scope;
  beforeAll(async () => {
    features = await TestFeatures.start();
    scope = await features.organization('acme');
    await addTargets(ROWS);
  });
  afterAll(() => features.stop());

  const addTargets = (count: number): Promise<unknown> =>
    features.database.run(scope, (tx) =>
      tx.query(
        `insert into app.target (org_id, target_id, name, condition)
         select $1, gen_random_uuid(), gen_random_uuid()::text, '{}' from generate_series(1, $2::int)`,
        [scope.orgId, count],
      ),
    );
  const targets = (tx: ReadTx): AsyncGenerator<{ name: string }[]> =>
    tx.chunks<{ name: string }>('select name from app.target where org_id = $1 order by name', [tx.scope.orgId]);
  const readAll = async (as: Scope): Promise<number[]> => {
    const sizes: number[] = [];
    for await (const rows of features.database.stream(as, never, targets)) sizes.push(rows.length);
    return sizes;
  };
  /** What the application's connections to this database do. */
  const states = async (): Promise<string[]> => {
    const rows = await features.database.run(scope, (tx) =>
      tx.query<{ state: string }>(
        `select state from pg_stat_activity where datname = current_database() and application_name = 'bylaw' and pid <> pg_backend_pid()`,
      ),
    );
    return rows.map(({ state }) => state);
  };
  const allIdle = (): Promise<boolean> =>
    eventually(async () => (await states()).every((state) => state === 'idle'), 'idle connections');

  it('comes in chunks, each row once, and no row of another organization’s', async () => {
    expect(await readAll(scope)).toEqual([200, 200, 100]);
    expect(await readAll(await features.organization('globex'))).toEqual([0]);
  });

  it('is of one moment: what is added meanwhile is not in it', async () => {
    let rows = 0;
    const twice = features.database.stream(scope, never, async function* (tx) {
      yield* targets(tx);
      yield* targets(tx);
    });
    for await (const chunk of twice) {
      if (rows === 0) await addTargets(1);
      rows += chunk.length;
    }
    expect(rows).toBe(2 * ROWS);
  });

  it('is read, and nothing written', async () => {
    const writing = features.database.stream(scope, never, async function* (tx) {
      yield await tx.query('update app.target set name = name where org_id = $1', [scope.orgId]);
    });
    await expect(writing.next()).rejects.toThrow(/read-only transaction/);
    await allIdle();
  });

  it('may be left early, more often than there are connections', async () => {
    for (let i = 0; i < 20; i++) {
      for await (const rows of features.database.stream(scope, never, targets)) {
        expect(rows).toHaveLength(200);
        break;
      }
    }
    await allIdle();
  });

  it('ends with the statement that fails, and the next one finds a connection', async () => {
    const failing = features.database.stream(scope, never, (tx) =>
      tx.chunks('select 1 / (500 - n) from generate_series(1, 600) n'),
    );
    await failing.next();
    await failing.next();
    await expect(failing.next()).rejects.toThrow(/division by zero/);
    await allIdle();
  });

  it('ends while Postgres is still thinking, when nobody waits any more', async () => {
    const ended = new AbortController();
    const endless = features.database.stream(scope, ended.signal, (tx) =>
      tx.chunks('select count(*) from generate_series(1, 1000000000000)'),
    );
    const first = endless.next();
    await eventually(async () => (await states()).includes('active'), 'the statement to run');
    ended.abort(new Error('the client went away'));
    await expect(first).rejects.toThrow('the client went away');
    await allIdle();
    await expect(features.database.stream(scope, ended.signal, targets).next()).rejects.toThrow('went away');
    await allIdle();
  });
});
