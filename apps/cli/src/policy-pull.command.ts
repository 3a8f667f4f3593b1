import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { canonicalJson, type JsonObject } from '#kernel';
import type { PolicyDetail, PolicySummary, PolicyVersionDetail } from '#contracts';
import { fixtureOfCase, RegoCompiler, stockSourcesFolder, readLibraryFolder, type LibrarySource } from '#engine';
import { CliError } from './cli-error.js';
import { PlatformApi } from './platform-api.js';
import { annotated } from './rego-annotation.js';
import { type ServerFlags, serverOf, withServer } from './server.js';

interface PullFlags extends ServerFlags {
  force?: boolean;
}

/** `bylaw policy pull`: a folder gets the organization's own policies as the platform has them. */
export function pullCommand(): Command {
  return withServer(new Command('pull'), 'read')
    .argument('<dir>', 'folder; made where there is none')
    .argument('[slug...]', 'policies; all of the organization’s own unless named')
    .description('write policies of your own from the platform into a folder: policy.rego, policy_test.rego, fixtures/')
    .option('--force', 'write over files that differ')
    .action(pull);
}

async function pull(folder: string, slugs: string[], flags: PullFlags): Promise<void> {
  const api = new PlatformApi(serverOf(flags));
  const own = (await api.all<PolicySummary>('/policies', { origin: 'custom' })).filter(
    ({ status }) => status !== 'archived',
  );
  const unknown = slugs.filter((slug) => !own.some((policy) => policy.slug === slug));
  if (unknown.length > 0) throw new CliError(`no policy of your own: ${unknown.join(', ')}`, 2);
  const wanted = own.filter(({ slug }) => slugs.length === 0 || slugs.includes(slug));
  const compiler = new RegoCompiler();
  try {
    const { lib } = await readLibraryFolder(stockSourcesFolder());
    const files = new Map<string, string>();
    for (const { id, slug } of wanted) {
      const { latest_version: version } = await api.get<PolicyDetail>(`/policies/${id}`);
      const latest = await api.get<PolicyVersionDetail>(`/policies/${id}/versions/${version}`);
      for (const [path, text] of await filesOf(slug, latest, compiler, lib))
        files.set(join(resolve(folder), path), text);
    }
    const written = await writeAll(files, flags.force === true);
    process.stdout.write(`${wanted.length} policies, ${written} files written, ${files.size - written} as they were\n`);
  } finally {
    await compiler.close();
  }
}

async function filesOf(
  slug: string,
  { rego, tests, cases, metadata }: PolicyVersionDetail,
  compiler: RegoCompiler,
  lib: LibrarySource[],
): Promise<[string, string][]> {
  const source = rego ?? '';
  const { policies } = await compiler.check({
    lib,
    policies: [{ slug, file: 'policy.rego', source, own_package: true }],
  });
  // What was given over the API is written into the file, so that the folder says everything.
  const same = canonicalJson(policies[0]?.metadata) === canonicalJson(metadata);
  return [
    [`${slug}/policy.rego`, same ? source : annotated(source, metadata as JsonObject)],
    ...(tests ? [[`${slug}/policy_test.rego`, tests] as [string, string]] : []),
    ...cases.map((one): [string, string] => {
      const { file, text } = fixtureOfCase(one);
      return [`${slug}/fixtures/${file}`, text];
    }),
  ];
}

/** Nothing is written where something of somebody's would be lost. */
async function writeAll(files: ReadonlyMap<string, string>, force: boolean): Promise<number> {
  const changed: [string, string][] = [];
  const differing: string[] = [];
  for (const [path, text] of files) {
    const before = existsSync(path) ? await readFile(path, 'utf8') : undefined;
    if (before === text) continue;
    if (before !== undefined) differing.push(path);
    changed.push([path, text]);
  }
  if (differing.length > 0 && !force)
    throw new CliError(`these files differ, nothing was written; --force writes over them\n${differing.join('\n')}`, 2);
  for (const [path, text] of changed) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return changed.length;
}
