import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { auditChainSchema, auditLineSchema, type AuditChainShape, type AuditLineShape } from '#contracts';
import { GENESIS } from '#kernel';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

describe('the audit log’s chain over HTTP', () => {
  let platform: TestPlatform;
  let owner: TestClient;
  let intruder: pg.Client;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    ({ owner } = platform);
    const { pathname } = new URL(platform.database.logins.applicationUrl);
    const url = Object.assign(new URL(platform.database.superuserUrl), { pathname }).toString();
    intruder = new pg.Client({ connectionString: url });
    await intruder.connect();
    for (const name of ['=cmd()', 'plain', 'a "b",\nc']) await owner.patch('/api/v1/organization', { name });
  });
  afterAll(async () => {
    await intruder.end();
    await platform.stop();
  });

  const verify = async (client = owner): Promise<AuditChainShape> =>
    auditChainSchema.parse((await client.get('/api/v1/audit-log/verify')).body);
  const exported = (path: string, client = owner): Promise<TestAnswer> =>
    client.get(`/api/v1/exports/audit-log.${path}`);
  const lines = async (query = '', client = owner): Promise<AuditLineShape[]> =>
    String((await exported(`jsonl${query}`, client)).body)
      .trimEnd()
      .split('\n')
      .map((line) => auditLineSchema.parse(JSON.parse(line)));
  const last = async (): Promise<number> => (await lines()).at(-1)?.seq ?? 0;
  /** Of the first organization alone, in one transaction that is undone. */
  const afterTampering = async (sql: string, seq: number): Promise<AuditChainShape> => {
    const orgId = (await platform.query<{ org_id: string }>('select org_id from app.audit_head'))[0]?.org_id;
    const saved = await intruder.query('select * from app.audit_log where org_id = $1 and seq = $2', [orgId, seq]);
    const head = await intruder.query<{ seq: number; hash: Buffer }>(
      'select seq, hash from app.audit_head where org_id = $1',
      [orgId],
    );
    await intruder.query(sql, [orgId, seq]);
    try {
      return await verify();
    } finally {
      await intruder.query('delete from app.audit_log where org_id = $1 and seq = $2', [orgId, seq]);
      await intruder.query(`insert into app.audit_log select (json_populate_record(null::app.audit_log, $1)).*`, [
        JSON.stringify(saved.rows[0], (_key, value: unknown) => hexOf(value)),
      ]);
      await intruder.query('update app.audit_head set seq = $2, hash = $3 where org_id = $1', [
        orgId,
        head.rows[0]?.seq,
        head.rows[0]?.hash,
      ]);
    }
  };

  beforeEach(async () => expect(await verify()).toMatchObject({ ok: true }));

  it('is another organization’s own', async () => {
    const stranger = await platform.stranger();
    const theirs = await lines('', stranger);
    const ours = await lines();
    expect(theirs.map(({ seq }) => seq)).toEqual(theirs.map((_line, index) => index + 1));
    expect(new Set(theirs.map(({ organization }) => organization)).has(ours[0]?.organization ?? '')).toBe(false);
    expect(await verify(stranger)).toMatchObject({ ok: true, entries: theirs.length });
  });

  it('is exported from its first entry to its last, each with what its hash is made of', async () => {
    const all = await lines();
    expect(all.length).toBeGreaterThan(3);
    expect(all[0]?.prev_hash).toBe(GENESIS.toString('hex'));
    for (const [index, line] of all.entries()) {
      expect(line.seq).toBe(index + 1);
      if (index > 0) expect(line.prev_hash).toBe(all[index - 1]?.hash);
    }
    const chain = await verify();
    expect(chain).toEqual({ ok: true, entries: all.length, head: { seq: all.length, hash: all.at(-1)?.hash } });
  });

  it('is exported by the filters of its list', async () => {
    const renamed = await lines('?action=organization.update');
    const { body } = await owner.get('/api/v1/audit-log?action=organization.update');
    const listed = (body as { items: { seq: number }[] }).items.map(({ seq }) => seq);
    expect(renamed.map(({ seq }) => seq)).toEqual(listed.toReversed());
    expect((await exported('jsonl?action=nothing')).body).toBe('');
    expect((await exported('jsonl?limit=3')).status).toBe(400);
    expect((await exported('jsonl?subject=%00')).status).toBe(400);
    expect((await exported('json')).status).toBe(404);
  });

  it('as CSV is a table that starts no formula, with before and after as JSON', async () => {
    const rows: Record<string, string>[] = parse(String((await exported('csv?action=organization.update')).body), {
      columns: true,
    });
    const names = rows.map(({ after = '' }) => (JSON.parse(after) as { name: string }).name);
    expect(names).toEqual(['=cmd()', 'plain', 'a "b",\nc']);
    expect(rows[0]?.['actor_type']).toBe('api_key');
    expect(rows[0]?.['hash']).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['an entry’s action', `update app.audit_log set action = 'nothing' where org_id = $1 and seq = $2`, 'changed'],
    ['an entry’s time', `update app.audit_log set at = at + '1 ms' where org_id = $1 and seq = $2`, 'changed'],
    ['what was before', `update app.audit_log set before = '{"name": "x"}' where org_id = $1 and seq = $2`, 'changed'],
    ['an entry’s hash', `update app.audit_log set hash = sha256('x') where org_id = $1 and seq = $2`, 'changed'],
    ['an entry, taken out', `delete from app.audit_log where org_id = $1 and seq = $2`, 'missing'],
  ])('shows %s, edited by somebody who owns the database', async (_what, sql, reason) => {
    const seq = (await last()) - 1;
    expect(await afterTampering(sql, seq)).toMatchObject({ ok: false, first_bad: { seq, reason } });
  });

  it('shows that the last entry was cut off, which the entries alone don’t', async () => {
    const seq = await last();
    const cut = await afterTampering('delete from app.audit_log where org_id = $1 and seq = $2', seq);
    expect(cut).toMatchObject({ ok: false, entries: seq - 1, first_bad: { seq, reason: 'missing' } });
  });

  it('shows a head that was set back, and one that is of another log', async () => {
    const seq = await last();
    const back = `with gone as (select $1::uuid, $2::bigint) update app.audit_head set seq = seq - 1 where org_id = $1`;
    expect(await afterTampering(back, seq)).toMatchObject({ ok: false, first_bad: { seq, reason: 'unlinked' } });
    const other = `with gone as (select $1::uuid, $2::bigint) update app.audit_head set hash = sha256('x') where org_id = $1`;
    expect(await afterTampering(other, seq)).toMatchObject({ ok: false, first_bad: { seq, reason: 'unlinked' } });
  });
});

/** Bytes as Postgres reads them from JSON. */
function hexOf(value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: string; data?: number[] };
  return type === 'Buffer' && data !== undefined ? `\\x${Buffer.from(data).toString('hex')}` : value;
}
