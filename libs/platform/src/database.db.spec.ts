import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scope } from '#kernel';
import { TestFeatures } from '#testing';
import { OutboxDelivery } from './events.js';
import { Metrics } from './telemetry.js';

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

  it('glances at its own rows alone, reads only, and leaves a good connection behind', async () => {
    const stranger = await features.organization('stranger');
    const names = async (of: Scope): Promise<string[]> => {
      const { rows, now } = await features.database.glance<{ name: string }>(
        of,
        'select name from app.organization',
        [],
      );
      expect(now).toBeInstanceOf(Date);
      return rows.map(({ name }) => name);
    };
    expect([await names(scope), await names(stranger)]).toEqual([['acme'], ['stranger']]);
    const glance = (sql: string, ids: string[] = []) => features.database.glance(scope, sql, ids);
    await expect(glance('delete from app.target')).rejects.toThrow(/read-only transaction/);
    await expect(glance('select 1 / 0')).rejects.toThrow(/division by zero/);
    await expect(glance('select $1', [`' or true --`])).rejects.toThrow('parameter 1 is no UUID');
    await expect(glance('select $2', [scope.orgId])).rejects.toThrow('parameter 2 is no UUID');
    for (const _ of Array.from({ length: 30 })) expect(await names(scope)).toEqual(['acme']);
    expect(features.database.connections.used).toBe(0);
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
    const delivery = new OutboxDelivery(features.database, features.handlers, new Metrics(() => undefined));
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

  describe('that is made whole', () => {
    const point = (name: string) =>
      features.database.run(scope, async (tx) => {
        await tx.query(
          'insert into app.target (org_id, target_id, name, condition) values ($1, gen_random_uuid(), $2, $3)',
          [tx.scope.orgId, name, '{}'],
        );
        tx.emit({ topic: 'told', payload: { what: name } });
        tx.afterCommit(() => followed.push(name));
      });
    const followed: string[] = [];

    it('commits everything that runs in it, or nothing, and what follows only then', async () => {
      const before = await count('app.target');
      const outbox = await count('app.outbox');
      const broken = features.database.runWhole(scope, async () => {
        await point('whole a');
        expect(await count('app.target')).toBe(before + 1);
        throw new Error('at last');
      });
      await expect(broken).rejects.toThrow('at last');
      expect([await count('app.target'), await count('app.outbox'), followed]).toEqual([before, outbox, []]);
      await features.database.runWhole(scope, async () => {
        await point('whole a');
        await point('whole b');
        expect(followed).toEqual([]);
      });
      expect([await count('app.target'), await count('app.outbox')]).toEqual([before + 2, outbox + 2]);
      expect(followed).toEqual(['whole a', 'whole b']);
    });

    it('undoes alone what failed in it and was caught', async () => {
      const before = await count('app.target');
      followed.length = 0;
      await features.database.runWhole(scope, async () => {
        await point('caught');
        await expect(point('caught')).rejects.toThrow(/duplicate key/);
        await point('after it');
      });
      expect([await count('app.target'), followed]).toEqual([before + 2, ['caught', 'after it']]);
    });

    it('takes in what runs at the same time, and what runs inside of what it took in', async () => {
      const before = await count('app.target');
      await features.database.runWhole(scope, async () => {
        await Promise.all([point('p1'), point('p2'), point('p3').then(() => point('p4'))]);
        await features.database.run(scope, () => point('inside'));
      });
      expect(await count('app.target')).toBe(before + 5);
    });

    it('leaves other organizations, and what goes on after its end, to themselves', async () => {
      const other = await features.organization('initech');
      const ended: { work?: Promise<void> } = {};
      let end = (): void => undefined;
      const afterEnd = new Promise<void>((resolve) => (end = resolve));
      const broken = features.database.runWhole(scope, async () => {
        await features.database.run(other, (tx) => tx.query(`update app.organization set name = 'kept'`));
        ended.work = afterEnd.then(() => point('later'));
        throw new Error('at last');
      });
      await expect(broken).rejects.toThrow('at last');
      end();
      await ended.work;
      expect(followed).toContain('later');
      const rows = await features.database.run(other, (tx) => tx.query('select name from app.organization'));
      expect(rows).toEqual([{ name: 'kept' }]);
    });

    it('leaves connections to those inside of it that need another one, however many there are', async () => {
      const others = await Promise.all(Array.from({ length: 12 }, (_, i) => features.organization(`busy-${i}`)));
      const done = await Promise.all(
        others.map((busy, i) =>
          features.database.runWhole(busy, async () => {
            const next = others[(i + 1) % others.length] ?? scope;
            return features.database.run(next, (tx) => tx.query('select 1 as one'));
          }),
        ),
      );
      expect(done).toEqual(others.map(() => [{ one: 1 }]));
    });
  });

  it('of another organization sees nothing of it', async () => {
    const other = await features.organization('globex');
    const rows = await features.database.run(other, (tx) => tx.query('select 1 from app.target'));
    expect(rows).toEqual([]);
  });
});
