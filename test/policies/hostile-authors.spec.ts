import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { PolicyDetail, TriggerShape, ValidationResult } from '#contracts';
import { Database } from '#platform';
import { systemScope } from '#kernel';
import { OrganizationsDirectory } from '#tenancy';
import { bindOwn } from '../support/bindings.js';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const REGO = `package mine

violation contains {"path": "metadata.name", "found": 1, "expected": 0, "message": "no"} if input.review.object.spec
`;
const ABOUT = { title: 'Mine', category: 'security', severity: 'low', kinds: ['Pod'], rego: REGO };
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [{ name: 'a', image: 'a:latest' }] },
};
const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];
const detailOf = ({ body }: TestAnswer): string => (body as { detail: string }).detail;
/** Forty schemas of which each names the next twice: 2⁴⁰ steps for one value. */
const DOUBLING = {
  type: 'object',
  properties: { a: { $ref: '#/$defs/d0', default: 1 } },
  $defs: Object.fromEntries(
    Array.from({ length: 41 }, (_, n) => {
      const next = { $ref: `#/$defs/d${n + 1}` };
      return [`d${n}`, n === 40 ? {} : { allOf: [next, next] }];
    }),
  ),
};

describe('whoever writes policies that ask for too much', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  const send = (path: string, body: object = {}, by: TestClient = platform.owner): Promise<TestAnswer> =>
    by.post(`/api/v1/policies${path}`, body);
  const create = async (slug: string, more: object = {}): Promise<PolicyDetail> => {
    const answer = await send('', { ...ABOUT, slug, ...more });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body as PolicyDetail;
  };
  const published = async (slug: string, more: object = {}): Promise<PolicyDetail> => {
    const { id } = await create(slug, more);
    return (await send(`/${id}/publish`)).body as PolicyDetail;
  };
  const bind = async (slug: string, parameters?: object): Promise<TestAnswer> => {
    const { body } = await platform.owner.get('/api/v1/targets');
    const [target] = (body as { items: { id: string }[] }).items;
    const policies = [{ policy: slug, ...(parameters && { parameters }) }];
    const binding = { name: slug, policies, target_id: target?.id, trigger_ids: [], enforcement: 'audit' };
    return platform.owner.post('/api/v1/bindings', binding);
  };

  it('is refused a parameter schema that never ends, when it is saved and, saved before, where it is bound', async () => {
    expect(problem(await send('', { ...ABOUT, slug: 'doubling', parameters_schema: DOUBLING }))).toEqual([
      422,
      'policy_does_not_compile',
    ]);
    const unique = { type: 'object', properties: { a: { type: 'array', uniqueItems: true, default: [] } } };
    const slow = await send('', { ...ABOUT, slug: 'unique', parameters_schema: unique });
    expect(problem(slow)).toEqual([422, 'unprocessable']);
    expect((slow.body as { errors: object[] }).errors).toMatchObject([
      { pointer: '/parameters_schema/properties/a/uniqueItems' },
    ]);
    await published('saved-before');
    const schemas = [DOUBLING, { type: 'object', allOf: [{ $ref: '#' }] }, { type: 'object', $async: true }];
    for (const schema of schemas) {
      await platform.query(
        `update app.policy_version set metadata = jsonb_set(metadata, '{parameters}', $1)
         where policy_id = (select policy_id from app.policy where slug = 'saved-before')`,
        [JSON.stringify(schema)],
      );
      const refused = await bind('saved-before', { a: 1 });
      expect(problem(refused)).toEqual([422, 'invalid_parameters']);
      expect(detailOf(refused)).toContain('can’t be checked: save a version of the policy with another schema');
    }
  });

  it('is told where METADATA holds NUL', async () => {
    const head = String.raw`# METADATA
# title: "a\0b"
`;
    const refused = await send('', { ...ABOUT, title: undefined, slug: 'nul', rego: head + REGO });
    expect(problem(refused)).toEqual([422, 'policy_does_not_compile']);
    expect((refused.body as { errors: object[] }).errors).toEqual([
      expect.objectContaining({ row: 2, message: 'title holds NUL, which is no character' }),
    ]);
  });

  it('gets no version of a number that there can’t be', async () => {
    const { id } = await create('numbers');
    expect(problem(await send(`/${id}/publish`, { version: 3_000_000_000 }))).toEqual([400, 'invalid_body']);
    expect(problem(await send(`/${id}/publish`, { version: 2_147_483_647 }))).toEqual([404, 'not_found']);
    for (const version of ['99999999999', '-99999999999', '2147483648', '9'.repeat(300)])
      expect(problem(await platform.owner.get(`/api/v1/policies/${id}/versions/${version}`))).toEqual([
        404,
        'not_found',
      ]);
    expect((await platform.owner.get(`/api/v1/policies/${id}/versions/first`)).status).toBe(404);
  });

  it('can save a thousand versions of a policy, and no more', async () => {
    const { id } = await create('versions');
    await platform.query(
      `with moved as (update app.policy set version = 1000 where slug = 'versions' returning org_id, policy_id)
       update app.policy_version v set version = 1000 from moved where v.org_id = moved.org_id and v.policy_id = moved.policy_id`,
    );
    const refused = await platform.owner.patch(`/api/v1/policies/${id}`, { title: 'One more' });
    expect(problem(refused)).toEqual([422, 'quota_exceeded']);
    expect(detailOf(refused)).toContain('at most 1000 versions');
  });

  it('can’t let more act than can be compiled together; what becomes smaller can always act', async () => {
    const { id } = await create('one-more');
    await published('large');
    await platform.query(
      `update app.policy_version set rego = rego || repeat('#', 2097152)
       where policy_id = (select policy_id from app.policy where slug = 'large')`,
    );
    const refused = await send(`/${id}/publish`);
    expect(problem(refused)).toEqual([422, 'quota_exceeded']);
    expect(detailOf(refused)).toContain('at most 2097152 bytes');
    const shown = await platform.owner.get('/api/v1/policies/large');
    const largeId = (shown.body as PolicyDetail).id;
    await platform.owner.patch(`/api/v1/policies/${largeId}`, { rego: REGO });
    expect((await send(`/${largeId}/publish`)).status).toBe(200);
    expect((await send(`/${id}/publish`)).status).toBe(200);
  });

  it('can’t bring back what is archived, past the quota', async () => {
    const { id } = await published('gone');
    await send(`/${id}/archive`);
    for (const answer of [
      await send(`/${id}/publish`),
      await platform.owner.patch(`/api/v1/policies/${id}`, { title: 'again' }),
    ]) {
      expect(problem(answer)).toEqual([409, 'conflict']);
      expect(detailOf(answer)).toContain('save its Rego as a policy of another slug');
    }
  });

  it('can’t bind a policy that is archived in the same moment', async () => {
    await published('fleeting');
    const [orgId = ''] = await platform.app.get(OrganizationsDirectory).dangerouslyListAll();
    const answer = await platform.app.get(Database).run(systemScope(orgId, 'test'), async (tx) => {
      await tx.query(`update app.policy set status = 'archived' where org_id = $1 and slug = 'fleeting'`, [orgId]);
      const binding = bind('fleeting');
      const waits = eventually(async () => {
        const waiting = await tx.query(
          `select 1 from pg_locks where not granted and locktype = 'transactionid' and transactionid::text = pg_current_xact_id()::xid::text`,
        );
        return waiting.length > 0;
      }, 'a binding that waits for the archive');
      return { first: await Promise.race([binding.then(() => 'bound'), waits.then(() => 'waits')]), binding };
    });
    expect(answer.first).toBe('waits');
    expect(problem(await answer.binding)).toEqual([422, 'policy_not_active']);
  });

  it('waits behind his own calls, and not the others’: too many at once are refused with when to come again', async () => {
    const stranger = await platform.stranger();
    const large = { rego: `${REGO}\n${Array.from({ length: 3_000 }, (_, n) => `rule_${n} := ${n}`).join('\n')}` };
    const many = Promise.all(Array.from({ length: 30 }, () => send('/check', large)));
    expect((await send('/check', { rego: REGO }, stranger)).body).toEqual({ ok: true, errors: [] });
    const answers = await many;
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBe(answers.length - refused.length);
    expect(refused.length).toBeGreaterThan(0);
    expect(problem(refused[0] as TestAnswer)).toEqual([429, 'too_many_requests']);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const { id } = await create('proved-often');
    const proofs = await Promise.all(Array.from({ length: 16 }, () => send(`/${id}/prove`)));
    expect(new Set(proofs.map(({ status }) => status))).toEqual(new Set([200, 429]));
  }, 120_000);
});

describe('own policies that don’t compile after an upgrade', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    const triggers = (await platform.owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
    const ci = triggers.items.filter(({ type }) => type === 'ci').map(({ id }) => id);
    const slugs = ['good', 'unparsed', 'untyped'];
    for (const slug of slugs) {
      const made = await platform.owner.post('/api/v1/policies', { ...ABOUT, slug });
      await platform.owner.post(`/api/v1/policies/${(made.body as PolicyDetail).id}/publish`, {});
    }
    await bindOwn(platform.owner, {
      name: 'own',
      policies: slugs.map((policy) => ({ policy })),
      trigger_ids: ci,
      target: { kinds: ['Pod'] },
    });
  });
  afterAll(() => platform.stop());

  const write = (slug: string, rego: string): Promise<unknown> =>
    platform.query(
      'update app.policy_version set rego = $2 where policy_id = (select policy_id from app.policy where slug = $1)',
      [slug, rego],
    );
  const judged = async (): Promise<{ failing: string[]; errors: Record<string, string> }> => {
    const { body } = await platform.owner.post('/api/v1/validate', POD);
    const { violations, unresolved } = body as ValidationResult;
    return {
      failing: violations
        .map(({ policy }) => policy.slug)
        .filter((slug) => slug === 'good' || slug === 'no-latest-tag'),
      errors: Object.fromEntries(unresolved.map(({ policy, reason }) => [policy, reason ?? ''])),
    };
  };

  it('are errors with their reasons, each of them, and the others are judged', async () => {
    await write('unparsed', 'package mine\n\nviolation contains {');
    await write('untyped', `${REGO}\nx := no_such_function(1)\n`);
    const { failing, errors } = await judged();
    expect(failing.toSorted()).toEqual(['good', 'no-latest-tag']);
    expect(errors['unparsed']).toContain('it does not compile with this release (3:');
    expect(errors['untyped']).toContain('no_such_function');
    const [kept] = await platform.query<{ broken: object }>(`select broken from app.module where broken <> '{}'`);
    expect(Object.keys(kept?.broken ?? {}).toSorted()).toEqual(['unparsed', 'untyped']);
  });

  it('are all errors where none compiles, and what is built in is judged', async () => {
    await platform.query(`update app.policy set version = 2 where slug = 'good'`);
    await platform.query(
      `insert into app.policy_version (org_id, policy_id, version, digest, metadata, created_at, rego, given)
       select org_id, policy_id, 2, digest, metadata, created_at, 'package', given from app.policy_version
       where policy_id = (select policy_id from app.policy where slug = 'good')`,
    );
    const { failing, errors } = await judged();
    expect(failing).toEqual(['no-latest-tag']);
    expect(Object.keys(errors).toSorted()).toEqual(['good', 'unparsed', 'untyped']);
  });

  it('leave twenty modules behind, and those of pinned bindings', async () => {
    await platform.query(
      `insert into app.module (org_id, digest, engine_abi, policies, wasm, created_at)
       select org_id, sha256(n::text::bytea), 1, '[]', '', now() - n * interval '1 minute'
       from app.organization, generate_series(1, 60) n`,
    );
    await platform.query(`update app.binding set pinned_module = sha256('60') where name = 'own'`);
    await platform.query(`update app.policy set version = 3 where slug = 'good'`);
    await platform.query(
      `insert into app.policy_version (org_id, policy_id, version, digest, metadata, created_at, rego, given)
       select org_id, policy_id, 3, digest, metadata, created_at, $1, given from app.policy_version
       where policy_id = (select policy_id from app.policy where slug = 'good') and version = 2`,
      [REGO],
    );
    expect((await judged()).failing.toSorted()).toEqual(['good', 'no-latest-tag']);
    const rows = await platform.query<{ pinned: boolean; n: number }>(
      `select digest = sha256('60') as pinned, count(*)::int as n from app.module group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { pinned: false, n: 20 },
      { pinned: true, n: 1 },
    ]);
  });
});
