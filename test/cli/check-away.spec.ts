import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BindingShape, TriggerShape, ValidationResult } from '#contracts';
import { type Ended, runCli, TestFolder } from '../support/cli-command.js';
import { aGoodPod, aPodOfLatest } from '../support/manifests.js';
import { TEAM_LABEL as OWN } from '../support/team-label.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestPlatform } from '../support/test-platform.js';

describe('bylaw check --on-unavailable local', () => {
  let platform: TestPlatform;
  let proxy: TcpProxy;
  let folder: TestFolder;
  let bound: string;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    proxy = await TcpProxy.start(platform.url);
    folder = new TestFolder({ 'web/a.yaml': aPodOfLatest('a'), 'web/good.yaml': aGoodPod('good'), 'cache/.keep': '' });
    const policy = (await platform.owner.post('/api/v1/policies', OWN)).body as { id: string };
    await platform.owner.post(`/api/v1/policies/${policy.id}/publish`);
    const { items } = (await platform.owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
    const target = await platform.owner.post('/api/v1/targets', {
      name: 'production',
      clusters: { environments: ['production'] },
      paths: ['web/**'],
    });
    const binding = await platform.owner.post('/api/v1/bindings', {
      name: 'production',
      policies: [{ policy: OWN.slug }, { policy: 'no-latest-tag', instance: 'strict' }],
      target_id: (target.body as { id: string }).id,
      trigger_ids: items.filter(({ type }) => type === 'ci').map(({ id }) => id),
      enforcement: 'deny',
    });
    bound = (binding.body as BindingShape).id;
  });
  afterAll(async () => {
    folder.remove();
    await proxy.close();
    await platform.stop();
  });

  const check = (...args: string[]): Promise<Ended> =>
    runCli(
      ['check', '--server', proxy.url, '--token', platform.owner.key ?? '', '--on-unavailable', 'local', ...args],
      { cwd: folder.path, env: { BYLAW_CACHE_DIR: folder.file('cache') } },
    );
  const away = async (...args: string[]): Promise<Ended> => {
    await proxy.close();
    try {
      return await check(...args);
    } finally {
      await proxy.open();
    }
  };
  const inProduction = ['--environment', 'production', '--format', 'json', 'web'];
  const shown = ({ stdout }: Ended): Omit<ValidationResult, 'id'> => {
    const { id: _id, ...result } = JSON.parse(stdout) as ValidationResult;
    return result;
  };

  it('answers as the platform did, word for word, and says that it is not there', async () => {
    const there = await check(...inProduction);
    expect([there.status, there.stderr]).toEqual([1, '']);
    expect(new Set(shown(there).violations.map(({ policy }) => policy.slug))).toContain(OWN.slug);
    const here = await away(...inProduction);
    expect([here.status, here.stderr]).toEqual([
      1,
      expect.stringMatching(/no answer from .*judged here, by its rules of 2/),
    ]);
    expect(shown(here)).toEqual(shown(there));
  });

  it('goes by the rules that were there at the last check', async () => {
    await platform.owner.patch(`/api/v1/bindings/${bound}`, {
      policies: [{ policy: 'no-latest-tag', instance: 'lax' }],
    });
    const there = await check(...inProduction);
    expect(shown(there).violations.map(({ instance }) => instance)).toContain('lax');
    await platform.owner.patch(`/api/v1/bindings/${bound}`, { policies: [{ policy: OWN.slug }] });
    expect(shown(await away(...inProduction))).toEqual(shown(there));
  });

  it('stands in for nothing that it never asked for', async () => {
    await check(...inProduction);
    const elsewhere = await away('--environment', 'staging', 'web');
    expect(elsewhere).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('never kept here') });
  });

  it('takes no kept rules that somebody has changed', async () => {
    await check(...inProduction);
    const kept = readdirSync(folder.file('cache/bundles')).map((name) => join(folder.file('cache/bundles'), name));
    for (const file of kept) writeFileSync(file, readFileSync(file, 'latin1').replaceAll('"deny"', '"warn"'), 'latin1');
    expect(await away(...inProduction)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('never kept here'),
    });
  });

  it('says at once where nothing can be kept', async () => {
    chmodSync(folder.file('cache/bundles'), 0o777);
    const { status, stderr } = await check(...inProduction);
    chmodSync(folder.file('cache/bundles'), 0o700);
    expect([status, stderr]).toEqual([1, expect.stringContaining('could not be kept')]);
    const without = await check('--no-cache', 'web');
    expect(without).toMatchObject({ status: 2, stderr: expect.stringContaining('leave --no-cache away') });
  });
});
