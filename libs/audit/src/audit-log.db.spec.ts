import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scope } from '#kernel';
import { TestFeatures } from '#testing';
import { chainHash, GENESIS, type AuditLine } from './audit-chain.rules.js';
import { AuditSink } from './audit-log.store.js';

interface Row extends AuditLine {
  prev_hash: Buffer;
  hash: Buffer;
}

/** @returns the number of the first line that is not what the chain says, undefined where all are */
function firstBad(rows: readonly Row[]): number | undefined {
  let previous: Buffer = GENESIS;
  for (const [index, { prev_hash: prev, hash, ...line }] of rows.entries()) {
    const expected = chainHash(previous, line satisfies AuditLine);
    if (line.seq !== index + 1 || !prev.equals(previous) || !hash.equals(expected)) return line.seq;
    previous = hash;
  }
  return undefined;
}

describe('the audit log', () => {
  let features: TestFeatures;
  let scope: Scope;
  beforeAll(async () => {
    features = await TestFeatures.start();
    features.database.addSink(new AuditSink());
    scope = await features.organization('acme');
  });
  afterAll(() => features.stop());

  const note = (action: string): Promise<void> =>
    features.database.run(scope, async (tx) =>
      tx.audit({ action, subject: 'x', before: { b: 1, a: [null] }, after: { é: 'ü' } }),
    );
  const rows = (): Promise<Row[]> =>
    features.database.run(scope, (tx) => tx.query<Row>('select * from app.audit_log order by seq'));

  it('is one chain, though many write at the same time (J1)', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => note(`action ${i}`)));
    const all = await rows();
    expect(all).toHaveLength(40);
    expect(firstBad(all)).toBeUndefined();
  });

  it('has no line of a transaction that was rolled back, and no gap', async () => {
    const broken = features.database.run(scope, async (tx) => {
      tx.audit({ action: 'never', subject: 'x' });
      throw new Error('rolled back');
    });
    await expect(broken).rejects.toThrow('rolled back');
    await note('after it');
    const all = await rows();
    expect(all.map(({ action }) => action)).not.toContain('never');
    expect(firstBad(all)).toBeUndefined();
  });

  it('shows every line that was changed, dropped or moved', async () => {
    const all = await rows();
    const changed = all.map((row) => (row.seq === 7 ? { ...row, action: 'nothing happened' } : row));
    expect(firstBad(changed)).toBe(7);
    expect(firstBad(all.filter(({ seq }) => seq !== 7))).toBe(8);
    const [first, second, ...rest] = all;
    expect(firstBad([second, first, ...rest].filter((row) => row !== undefined))).toBe(2);
    const forged = all.map((row) => (row.seq === 9 ? { ...row, after: { é: 'u' } } : row));
    expect(firstBad(forged)).toBe(9);
  });

  it('can’t be changed by the application', async () => {
    const edit = features.database.run(scope, (tx) => tx.query(`update app.audit_log set action = 'x' where seq = 1`));
    await expect(edit).rejects.toThrow(/permission denied/);
    const drop = features.database.run(scope, (tx) => tx.query('delete from app.audit_log'));
    await expect(drop).rejects.toThrow(/permission denied/);
  });
});
