import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scope } from '#kernel';
import { TestFeatures } from '#testing';
import { OutboxDelivery } from './events.js';

describe('a transaction of an organization', () => {
  let features: TestFeatures;
  let scope: Scope;
  const taken: string[] = [];
  let failing = false;
  beforeAll(async () => {
    features = await TestFeatures.start();
    scope = await features.organization('acme');
    features.handlers.onceDelivered('told', async (_tx, { what }) => {
      if (failing) throw new Error('not now');
      taken.push(String(what));
    });
    features.handlers.whileCommitting('joined', async (tx, { name }) => {
      await tx.query(
        'insert into app.target (org_id, target_id, name, condition) values ($1, gen_random_uuid(), $2, $3)',
        [tx.scope.orgId, name, '{}'],
      );
    });
  });
  afterAll(() => features.stop());

  const count = async (table: string): Promise<number> => {
    const rows = await features.database.run(scope, (tx) =>
      tx.query<{ n: number }>(`select count(*)::int as n from ${table}`),
    );
    return rows[0]?.n ?? -1;
  };

  it('commits its event with its rows, or neither (J1)', async () => {
    const before = await count('app.outbox');
    const broken = features.database.run(scope, async (tx) => {
      tx.emit({ topic: 'told', payload: { what: 'lost' } });
      await tx.query('select 1 / 0');
    });
    await expect(broken).rejects.toThrow(/division by zero/);
    expect(await count('app.outbox')).toBe(before);
    await features.database.run(scope, async (tx) => tx.emit({ topic: 'told', payload: { what: 'kept' } }));
    expect(await count('app.outbox')).toBe(before + 1);
  });

  it('takes what joins its commit with it, or rolls both back', async () => {
    const before = await count('app.target');
    await features.database.run(scope, async (tx) => tx.emit({ topic: 'joined', payload: { name: 'a' } }));
    expect(await count('app.target')).toBe(before + 1);
    const twice = features.database.run(scope, async (tx) => tx.emit({ topic: 'joined', payload: { name: 'a' } }));
    await expect(twice).rejects.toThrow(/duplicate key/);
    expect(await count('app.target')).toBe(before + 1);
  });

  it('does what follows only after the commit, and never after a rollback', async () => {
    const done: string[] = [];
    await features.database.run(scope, async (tx) => {
      tx.afterCommit(() => done.push('followed'));
      expect(done).toEqual([]);
    });
    const broken = features.database.run(scope, async (tx) => {
      tx.afterCommit(() => done.push('never'));
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');
    expect(done).toEqual(['followed']);
  });

  it('is delivered once, though two deliver at the same time, and again only where the handler failed', async () => {
    const delivery = new OutboxDelivery(features.database, features.handlers);
    await delivery.deliver(scope);
    taken.length = 0;
    const told = Array.from({ length: 150 }, (_, i) => `e${i}`);
    for (const what of told)
      await features.database.run(scope, async (tx) => tx.emit({ topic: 'told', payload: { what } }));
    failing = true;
    await expect(delivery.deliver(scope)).rejects.toThrow('not now');
    failing = false;
    const counts = await Promise.all([delivery.deliver(scope), delivery.deliver(scope), delivery.deliver(scope)]);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(told.length);
    expect([...taken].sort()).toEqual([...told].sort());
    expect(await delivery.deliver(scope)).toBe(0);
  });

  it('of another organization sees nothing of it', async () => {
    const other = await features.organization('globex');
    const rows = await features.database.run(other, (tx) => tx.query('select 1 from app.target'));
    expect(rows).toEqual([]);
  });
});
