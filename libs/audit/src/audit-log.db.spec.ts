import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chainHash, ChainWalk, type AuditLine, type ChainFault, type Scope } from '#kernel';
import { TestFeatures } from '#testing';
import { AuditSink } from './audit-log.store.js';

interface Row extends AuditLine {
  prev_hash: Buffer;
  hash: Buffer;
}

/** @returns the first line that is not what the chain says, undefined where all are */
function firstBad(rows: readonly Row[]): ChainFault | undefined {
  const walk = new ChainWalk();
  for (const { prev_hash: prevHash, hash, ...line } of rows) {
    const fault = walk.step({ line, prevHash, hash });
    if (fault !== undefined) return fault;
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
    expect(firstBad(changed)).toEqual({ seq: 7, reason: 'changed' });
    expect(firstBad(all.filter(({ seq }) => seq !== 7))).toEqual({ seq: 7, reason: 'missing' });
    const [first, second, ...rest] = all;
    expect(firstBad([second, first, ...rest].filter((row) => row !== undefined))).toEqual({
      seq: 1,
      reason: 'missing',
    });
    expect(firstBad([first, second, first].filter((row) => row !== undefined))).toEqual({
      seq: 1,
      reason: 'out-of-order',
    });
    const forged = all.map((row) => (row.seq === 9 ? { ...row, after: { é: 'u' } } : row));
    expect(firstBad(forged)).toEqual({ seq: 9, reason: 'changed' });
    const rehashed = forged.map(({ prev_hash: prev, hash, ...line }) => ({
      ...line,
      prev_hash: prev,
      hash: line.seq === 9 ? chainHash(prev, line) : hash,
    }));
    expect(firstBad(rehashed)).toEqual({ seq: 10, reason: 'unlinked' });
  });

  it('can’t be changed by the application', async () => {
    const edit = features.database.run(scope, (tx) => tx.query(`update app.audit_log set action = 'x' where seq = 1`));
    await expect(edit).rejects.toThrow(/permission denied/);
    const drop = features.database.run(scope, (tx) => tx.query('delete from app.audit_log'));
    await expect(drop).rejects.toThrow(/permission denied/);
  });
});
