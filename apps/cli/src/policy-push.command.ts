import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { PolicyDetail, PolicySummary, PolicyVersionDetail } from '#contracts';
import { caseOfFixture, readFixtures, RegoCompiler } from '#engine';
import { CliError } from './cli-error.js';
import { repositoryOf } from './git.js';
import { PlatformApi } from './platform-api.js';
import { describeProblems, readPolicyFolder } from './policy-folder.js';
import { type LocalPolicy, planPush, type PushStep, type RemotePolicy } from './push-plan.js';
import { type ServerFlags, serverOf, withServer } from './server.js';

interface PushFlags extends ServerFlags {
  source?: string;
  plan?: boolean;
  adopt?: boolean;
  prune?: boolean;
  draft?: boolean;
  note?: string;
}

const SIGNS: Record<PushStep['action'], string> = {
  create: '+',
  update: '~',
  publish: '>',
  retire: '-',
  unchanged: '=',
  blocked: '!',
};

/** `bylaw policy push`: the platform gets what a folder has. */
export function pushCommand(): Command {
  return withServer(new Command('push'), 'admin')
    .argument('<dir>', 'folder of policies')
    .description(
      'bring a folder of policies to the platform: says what it will do, and does it; once more changes nothing',
    )
    .option('--source <name>', 'where the folder is kept (default: $BYLAW_SOURCE, else its git remote)')
    .option('--plan', 'only say what would be done; exit 1 where that is anything')
    .option('--adopt', 'take over policies that were made on the platform')
    .option('--prune', 'deprecate policies of the same source that are not in the folder any more')
    .option('--draft', 'save versions, and let somebody else publish them')
    .option('--note <text>', 'what changed and why')
    .action(push);
}

async function push(folder: string, flags: PushFlags): Promise<void> {
  const api = new PlatformApi(serverOf(flags));
  const source = sourceOf(folder, flags.source);
  const locals = await readLocals(folder);
  const remotes = await readRemotes(api);
  const wish = { source, adopt: flags.adopt === true, prune: flags.prune === true, draft: flags.draft === true };
  const steps = planPush(locals, remotes, wish);
  for (const { action, slug, why } of steps)
    process.stdout.write(`${SIGNS[action]} ${slug.padEnd(40)} ${action}${why === '' ? '' : `: ${why}`}\n`);
  const blocked = steps.filter(({ action }) => action === 'blocked');
  if (blocked.length > 0) throw new CliError(`${blocked.length} can't be pushed: nothing was changed`, 2);
  const todo = steps.filter(({ action }) => action !== 'unchanged');
  process.stdout.write(`${todo.length} to do, ${steps.length - todo.length} as they are\n`);
  if (flags.plan === true) {
    if (todo.length > 0) throw new CliError('', 1);
    return;
  }
  for (const step of todo) await carryOut(api, step, source, flags);
  if (todo.length > 0) process.stdout.write('done\n');
}

/** Everything compiles before anything is sent. */
async function readLocals(folder: string): Promise<LocalPolicy[]> {
  const sources = await readPolicyFolder(folder);
  const compiler = new RegoCompiler();
  try {
    const { errors } = await compiler.check(sources);
    if (errors.length > 0) throw new CliError(`does not compile\n${describeProblems(errors)}`, 2);
  } finally {
    await compiler.close();
  }
  return Promise.all(
    sources.policies.map(async ({ slug, source }) => ({
      slug,
      rego: source,
      tests: sources.tests.find((test) => test.slug === slug)?.source,
      cases: (await readFixtures(join(resolve(folder), slug))).flatMap(caseOfFixture),
    })),
  );
}

async function readRemotes(api: PlatformApi): Promise<Map<string, RemotePolicy>> {
  const own = await api.all<PolicySummary>('/policies', { origin: 'custom' });
  const remotes = new Map<string, RemotePolicy>();
  for (const { id, slug } of own) {
    const detail = await api.get<PolicyDetail>(`/policies/${id}`);
    const latest = await api.get<PolicyVersionDetail>(`/policies/${id}/versions/${detail.latest_version}`);
    remotes.set(slug, { detail, latest });
  }
  return remotes;
}

async function carryOut(api: PlatformApi, step: PushStep, source: string, flags: PushFlags): Promise<void> {
  const { action, slug, local, remote } = step;
  const note = flags.note === undefined ? {} : { note: flags.note };
  if (action === 'retire' && remote !== undefined) {
    const end = remote.status === 'draft' ? 'archive' : 'deprecate';
    await api.send('POST', `/policies/${remote.id}/${end}`, { source }, remote.revision);
    return;
  }
  let saved = remote;
  if (local !== undefined && action !== 'publish') {
    const { rego, tests = '', cases } = local;
    const body = { rego, tests, cases, source, ...note };
    saved =
      remote === undefined
        ? await api.send<PolicyDetail>('POST', '/policies', { slug, ...body })
        : await api.send<PolicyDetail>('PATCH', `/policies/${remote.id}`, body, remote.revision);
  }
  if (saved === undefined || flags.draft === true) return;
  await api.send('POST', `/policies/${saved.id}/publish`, { source, ...note }, saved.revision);
}

function sourceOf(folder: string, given: string | undefined): string {
  const named = given ?? process.env['BYLAW_SOURCE'] ?? repositoryOf(folder);
  if (named !== undefined && named.trim() !== '') return named.trim();
  throw new CliError('where is the folder kept? Name it by --source, as in git.example.com/acme/policies', 2);
}
