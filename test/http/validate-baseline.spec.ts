import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requirePublicId } from '#kernel';
import type { ValidationResult } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const aPod = (name: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'app', image }] },
});
const LATEST = aPod('web', 'nginx:latest');
const MAIN = { repository: 'shop/web', ref: 'refs/heads/main' };

describe('what was there before does not count', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  const validate = async (body: object, client: TestClient = platform.owner): Promise<ValidationResult> => {
    const { status, body: answer } = await client.post('/api/v1/validate', { fail_on: 'info', ...body });
    expect([status, answer]).toEqual([200, expect.anything()]);
    return answer as ValidationResult;
  };
  const tags = ({ violations }: ValidationResult) =>
    violations
      .filter(({ policy }) => policy.slug === 'no-latest-tag')
      .map(({ object, baseline }) => [object.name, baseline]);

  it('compared with the validation before of the same repository and ref', async () => {
    const previous = { baseline: 'previous', context: MAIN };
    const first = await validate({ specs: [LATEST], ...previous });
    expect([first.decision, tags(first)]).toEqual(['deny', [['web', 'new']]]);
    const again = await validate({ specs: [LATEST], ...previous });
    expect([again.decision, tags(again)]).toEqual(['allow', [['web', 'existing']]]);
    expect(again.summary.fail).toBe(first.summary.fail);
    const more = await validate({ specs: [LATEST, aPod('api', 'nginx:latest')], ...previous });
    expect([more.decision, tags(more)]).toEqual([
      'deny',
      [
        ['web', 'existing'],
        ['api', 'new'],
      ],
    ]);
  });

  it('which another ref, repository and organization do not share', async () => {
    await validate({ specs: [LATEST], context: MAIN });
    const stranger = await platform.stranger();
    for (const [context, client] of [
      [{ ...MAIN, ref: 'refs/heads/other' }, platform.owner],
      [{ ...MAIN, repository: 'shop/api' }, platform.owner],
      [MAIN, stranger],
    ] as const)
      expect(tags(await validate({ specs: [LATEST], baseline: 'previous', context }, client))).toEqual([
        ['web', 'new'],
      ]);
  });

  it('what was mended and comes again is new', async () => {
    const context = { repository: 'shop/web', ref: 'refs/heads/mended' };
    await validate({ specs: [LATEST], context });
    await validate({ specs: [aPod('web', 'nginx:1.27')], context });
    expect(tags(await validate({ specs: [LATEST], baseline: 'previous', context }))).toEqual([['web', 'new']]);
  });

  it('a copy is new, and what was moved is not', async () => {
    const context = { repository: 'shop/web', ref: 'refs/heads/copied' };
    const files = (...paths: string[]) => paths.map((path) => ({ path, content: JSON.stringify(LATEST) }));
    const previous = { baseline: 'previous', context };
    const where = ({ violations }: ValidationResult) =>
      violations
        .filter(({ policy }) => policy.slug === 'no-latest-tag')
        .map(({ location, baseline }) => [location?.path, baseline]);
    await validate({ files: files('staging/web.json'), context });
    const copied = await validate({ files: files('production/web.json', 'staging/web.json'), ...previous });
    expect([copied.decision, where(copied)]).toEqual([
      'deny',
      [
        ['production/web.json', 'new'],
        ['staging/web.json', 'existing'],
      ],
    ]);
    await validate({ files: files('staging/web.json'), context });
    const moved = await validate({ files: files('moved/web.json'), ...previous });
    expect([moved.decision, where(moved)]).toEqual(['allow', [['moved/web.json', 'existing']]]);
  });

  it('what a push was judged by is none: it knows of what was pushed alone', async () => {
    const context = { repository: 'shop/web', ref: 'refs/heads/pushed' };
    await validate({ specs: [LATEST], context });
    const { id } = await validate({ specs: [aPod('api', 'nginx:1.27')], context });
    const uuid = requirePublicId('validation', id);
    await platform.query(`update app.validation set trigger = 'git-push' where validation_id = $1`, [uuid]);
    const after = await validate({ specs: [LATEST], baseline: 'previous', context });
    expect(tags(after)).toEqual([['web', 'existing']]);
  });

  it('compared with what is open in the cluster', async () => {
    const agent = await TestAgent.enroll(platform, platform.owner, 'production');
    await agent.list([LATEST]);
    await platform.settle();
    const asked = { baseline: 'cluster', cluster: 'production' };
    const result = await validate({ specs: [LATEST, aPod('api', 'nginx:latest')], ...asked });
    expect([result.decision, tags(result)]).toEqual([
      'deny',
      [
        ['web', 'existing'],
        ['api', 'new'],
      ],
    ]);
    await agent.list([aPod('web', 'nginx:1.27')]);
    await platform.settle();
    expect(tags(await validate({ specs: [LATEST], ...asked }))).toEqual([['web', 'new']]);
  });

  it('is kept with the answer', async () => {
    const answered = await validate({ specs: [LATEST], baseline: 'previous', context: MAIN });
    expect((await platform.owner.get(`/api/v1/validations/${answered.id}`)).body).toEqual(answered);
  });

  it.each<[string, object, string]>([
    ['the cluster, none being named', { baseline: 'cluster' }, '/cluster'],
    ['the validation before, of no repository', { baseline: 'previous' }, '/context/repository'],
    ['the validation before, of no ref', { baseline: 'previous', context: { repository: 'shop/web' } }, '/context/ref'],
  ])('is not compared with %s', async (_what, asked, pointer) => {
    const { status, body } = await platform.owner.post('/api/v1/validate', { specs: [LATEST], ...asked });
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ code: 'invalid_body', errors: [{ pointer, detail: 'is missing' }] }),
    ]);
  });
});
