import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { CLI, HOMELESS, TestFolder } from '../support/cli-command.js';
import { TestPlatform } from '../support/test-platform.js';

const ROOT = dirname(fileURLToPath(new URL('../../', import.meta.url)));
const EXAMPLES = join(ROOT, 'examples', 'ci');
/** Variables of the machine that the tests run on would change what commands do. */
const CLEARED = /^(?:BYLAW_|CI$|CI_|GITHUB_|GITLAB_|TF_BUILD|CIRCLE|JENKINS)/;

const BAD = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec:
  containers:
    - name: web
      image: nginx:latest
`;

/** The platform that it asks runs in this process: nothing here may wait for it without letting others go on. */
function shell(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ status: number | null; said: string }> {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !CLEARED.test(name)));
  const child = spawn('bash', ['-eu', '-c', `exec 2>&1\n${script}`], {
    cwd,
    env: { ...kept, ...HOMELESS, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, said })));
}

/** The lines of an example that run `bylaw check`, as its system hands them to a shell. */
function commandsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|['":] ?|- )\s*(bylaw check [^'\n]*)/gm)].flatMap(([, command]) => command ?? []);
}

describe('the guide to a failing pull request', () => {
  let platform: TestPlatform;
  let folder: TestFolder;
  let said: string[];
  let ended: (number | null)[];
  beforeAll(async () => {
    platform = await TestPlatform.start();
    folder = new TestFolder();
    const guide = readFileSync(join(ROOT, 'docs', 'ci.md'), 'utf8');
    const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
    const prefix = folder.file('global');
    const env = {
      BYLAW: ROOT,
      BYLAW_URL: platform.url,
      KEY: platform.owner.key ?? '',
      npm_config_prefix: prefix,
      npm_config_offline: 'true',
      PATH: `${join(prefix, 'bin')}:${process.env['PATH'] ?? ''}`,
    };
    // What is built is what is tested: a build of its own would take it away from the tests beside.
    const script = blocks.map((block) => block.replace('pack:cli |', 'pack:cli -- --no-build |'));
    // One shell after the other would forget folder and variables: marks tell the blocks apart.
    const whole = await shell(script.map((block, nr) => `${block}\necho "== ${nr}"`).join('\n'), folder.path, env);
    said = whole.said.split(/^== \d+$/m);
    ended = [whole.status, blocks.length];
  }, 300_000);
  afterAll(async () => {
    folder.remove();
    await platform.stop();
  });

  it('runs from its first command to its last', () => {
    expect({ ended, said: said.at(-1) }).toMatchObject({ ended: [0, 6] });
  });

  it('shows what is wrong, at its line, and fails', () => {
    expect(said[1]).toMatch(/web\.yaml[\s\S]*14[\s\S]*no-latest-tag/);
    expect(said[1]).toContain('it ends with 1');
  });

  it('mends what can be mended, and leaves the rest of the text as it is', () => {
    const mended = readFileSync(folder.file('shop/deploy/web.yaml'), 'utf8');
    expect(mended).toContain('image: nginx:latest # whatever is there\n');
    expect(mended).toContain('allowPrivilegeEscalation: false');
    expect(said[2]).toContain('+++');
  });

  it('no longer fails for what was there before', () => {
    expect(said[4]).not.toContain('it ends with');
  });

  it('asks the platform, which keeps what it answered', async () => {
    expect(said[5]).toContain('it ends with 1');
    const { body } = await platform.owner.get('/api/v1/validations');
    expect((body as { items: unknown[] }).items).toHaveLength(2);
  });
});

describe.each(readdirSync(EXAMPLES).filter((name) => name !== 'README.md'))('the example %s', (name) => {
  const text = readFileSync(join(EXAMPLES, name), 'utf8');
  let folder: TestFolder;
  beforeAll(() => {
    folder = new TestFolder({
      'deploy/web.yaml': BAD,
      'bin/bylaw': `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`,
    });
    chmodSync(folder.file('bin/bylaw'), 0o755);
  });
  afterAll(() => folder.remove());

  it('is what its system reads', () => {
    if (name === 'Jenkinsfile') expect(text).toMatch(/^pipeline \{[\s\S]*^\}$/m);
    else expect(parse(text)).toEqual(expect.any(Object));
  });

  it('is listed in the table', () => {
    expect(readFileSync(join(EXAMPLES, 'README.md'), 'utf8')).toContain(`\`${name}\``);
  });

  it('fails for what is wrong, and leaves the reports that it hands on', async () => {
    const commands = commandsOf(text);
    expect(commands).toHaveLength(1);
    const [command = ''] = commands;
    const env = {
      PATH: `${folder.file('bin')}:${process.env['PATH'] ?? ''}`,
      CHECKED: 'deploy',
      GITHUB_STEP_SUMMARY: folder.file('summary.md'),
      BYLAW_SERVER: '',
      BYLAW_TOKEN: '',
    };
    // pre-commit adds the files that changed.
    const whole = name.startsWith('pre-commit') ? `${command} deploy/web.yaml` : command;
    const { status, said } = await shell(`mkdir -p results/bylaw\n${whole}`, folder.path, env);
    expect({ status, said }).toMatchObject({ status: 1 });
    for (const [, report = ''] of whole.matchAll(/--format \w+=("[^"]+"|\S+)/g)) {
      const file = report.replaceAll('"', '').replace('$GITHUB_STEP_SUMMARY', 'summary.md');
      expect([file, existsSync(folder.file(file))]).toEqual([file, true]);
    }
  });
});
