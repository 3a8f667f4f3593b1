import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import type { GitCheckDetail } from '#contracts';
import { eventually } from '#testing';
import { FakeGithub } from '../support/fake-github.js';
import { GitServer } from '../support/git-server.js';
import { aPod, made } from '../support/git-world.js';
import { TOKEN } from '../support/provider-driver.js';
import { StandaloneFolder, type StandaloneProcess } from '../support/standalone-process.js';
import type { TestClient } from '../support/test-client.js';

describe('a worker that is killed in the middle of a check', () => {
  let folder: StandaloneFolder;
  let git: GitServer;
  let fake: FakeGithub;
  let platform: StandaloneProcess;
  let owner: TestClient;
  const start = async (): Promise<void> => {
    platform = folder.start({ env: { BYLAW_OUTBOUND_ALLOW: '127.0.0.0/8', BYLAW_DEMO: 'false' } });
    owner = await platform.owner();
  };
  beforeAll(async () => {
    folder = new StandaloneFolder();
    git = await GitServer.start();
    git.create('acme/shop');
    fake = new FakeGithub();
    await fake.api.start();
    await start();
  }, 120_000);
  afterAll(async () => {
    await folder.remove();
    await git.stop();
    await fake.api.stop();
  }, 60_000);

  it('leaves it to whoever comes next: done once, told once, and no git is left running', async () => {
    const commit = git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const held = new Promise<void>((resolve) => git.beforeNext(async () => (resolve(), new Promise(() => undefined))));
    const body = { name: 'shop', provider: 'github', url: git.url('acme/shop'), api_url: fake.api.url, token: TOKEN };
    const { id } = made<{ id: string }>(await owner.post('/api/v1/git-sources', { ...body, poll_minutes: 1_440 }));
    // The worker's own look is held by the server, and so is the check.
    await held;
    made(await owner.post(`/api/v1/git-sources/${id}/checks`, { ref: 'main' }));
    const second = new Promise<void>((resolve) =>
      git.beforeNext(async () => (resolve(), new Promise(() => undefined))),
    );
    await second;
    await platform.kill();
    await start();
    const check = await eventually(
      async () => {
        const { items } = made<{ items: { id: string; report: { state: string } }[] }>(
          await owner.get('/api/v1/git-checks?ref=main'),
        );
        const told = items.find(({ report }) => report.state === 'sent');
        return told && made<GitCheckDetail>(await owner.get(`/api/v1/git-checks/${told.id}`));
      },
      'the check to be done and told of',
      60_000,
    );
    expect(check).toMatchObject({ commit, status: 'done', cause: 'manual', summary: { new: expect.any(Number) } });
    expect(check.attempt).toBeGreaterThanOrEqual(2);
    expect(fake.statuses(commit).filter(({ state }) => state !== 'pending')).toHaveLength(1);
    expect(fake.runs).toHaveLength(1);
    git.stopHolding();
    await eventually(async () => {
      const { stdout } = spawnSync('ps', ['-A', '-o', 'args=']);
      return !stdout.toString().includes(`git-remote-http`) || !stdout.toString().includes(git.origin);
    }, 'every git to have ended');
  }, 180_000);
});
