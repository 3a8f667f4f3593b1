import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fail, ROOT } from './process.mjs';

/**
 * Reads from the source of Kubernetes' API modules in which release each API version is served no more, and what takes its
 * place, and writes it as Rego:
 *
 *   node tools/removed-apis.mjs FOLDER…
 *
 * Each folder is an unpacked Go module, named `<module>@v0.<minor>.<patch>`: k8s.io/api, k8s.io/apiextensions-apiserver and
 * k8s.io/kube-aggregator of the newest release, then k8s.io/api of older ones for kinds that are gone from the newer
 * (`go mod download -json k8s.io/api@v0.37.2` tells where it puts them). What a newer release says wins.
 */
const OUT = join(ROOT, 'policy-library', 'lib', 'removed_apis.rego');
const LIFECYCLE = 'zz_generated.prerelease-lifecycle.go';

const folders = process.argv.slice(2).map((folder) => resolve(folder));
if (folders.length === 0) fail('usage: node tools/removed-apis.mjs FOLDER…');

/** The minor release of Kubernetes that a module belongs to. */
function minorOf(folder) {
  const minor = /@v0\.(\d+)\.\d+$/.exec(folder)?.[1];
  if (minor === undefined) fail(`${folder}: not named <module>@v0.<minor>.<patch>`);
  return Number(minor);
}

function lifecycleFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((file) => join(folder, file))
    .filter((file) => basename(file) === LIFECYCLE)
    .sort();
}

/** `group/version`, the core group without its name. */
function apiVersionOf(file) {
  const register = join(dirname(file), 'register.go');
  if (!existsSync(register)) return undefined;
  const group = /GroupName\s*=\s*"([^"]*)"/.exec(readFileSync(register, 'utf8'))?.[1];
  if (group === undefined) return undefined;
  const version = basename(dirname(file));
  return group === '' ? version : `${group}/${version}`;
}

/** By kind: the minor release that serves it no more, and the API version instead where the source names one. */
function removalsOf(text) {
  const found = new Map();
  for (const [, kind, minor] of text.matchAll(
    /func \(in \*(\w+)\) APILifecycleRemoved\(\) \(major, minor int\) \{\s*return 1, (\d+)/g,
  )) {
    found.set(kind, { removed: Number(minor) });
  }
  for (const [, kind, group, version] of text.matchAll(
    /func \(in \*(\w+)\) APILifecycleReplacement\(\) schema\.GroupVersionKind \{\s*return schema\.GroupVersionKind\{Group: "([^"]*)", Version: "([^"]*)"/g,
  )) {
    const removal = found.get(kind);
    if (removal !== undefined) removal.instead = group === '' ? version : `${group}/${version}`;
  }
  return [...found].filter(([kind]) => !(kind.endsWith('List') && found.has(kind.slice(0, -4))));
}

/** API versions beside a file's own that have the kind, stable ones first, then the newest. */
function siblingsWith(file, kind) {
  const group = dirname(dirname(file));
  const stable = (version) => /^v\d+$/.test(version);
  return readdirSync(group)
    .filter((version) => existsSync(join(group, version, 'types.go')))
    .filter((version) =>
      new RegExp(`^type ${kind} struct`, 'm').test(readFileSync(join(group, version, 'types.go'), 'utf8')),
    )
    .sort((a, b) => Number(stable(b)) - Number(stable(a)) || (a < b ? 1 : -1))
    .flatMap((version) => apiVersionOf(join(group, version, LIFECYCLE)) ?? []);
}

const removals = new Map();
for (const folder of folders) {
  for (const file of lifecycleFiles(folder)) {
    const apiVersion = apiVersionOf(file);
    if (apiVersion === undefined) continue;
    const kinds = removals.get(apiVersion) ?? new Map();
    for (const [kind, removal] of removalsOf(readFileSync(file, 'utf8'))) {
      if (kinds.has(kind)) continue;
      removal.siblings = folder === folders[0] ? siblingsWith(file, kind) : [];
      kinds.set(kind, removal);
    }
    if (kinds.size > 0) removals.set(apiVersion, kinds);
  }
}

/** Where the source names none, a sibling; what is removed itself is followed to its end. */
function insteadOf(apiVersion, kind) {
  const { removed, instead, siblings } = removals.get(apiVersion).get(kind);
  const outlives = (other) => (removals.get(other)?.get(kind)?.removed ?? Infinity) > removed;
  const next = instead ?? siblings.find((other) => other !== apiVersion && outlives(other));
  if (next === undefined || !removals.get(next)?.has(kind)) return next;
  return insteadOf(next, kind);
}

const byName = ([a], [b]) => (a < b ? -1 : 1);
const members = (object) =>
  Object.entries(object)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(', ');
const lines = [...removals].sort(byName).flatMap(([apiVersion, kinds]) => [
  `\t${JSON.stringify(apiVersion)}: {`,
  ...[...kinds].sort(byName).map(([kind, { removed }]) => {
    const instead = insteadOf(apiVersion, kind);
    return `\t\t${JSON.stringify(kind)}: {${members({ removed, ...(instead && { instead }) })}},`;
  }),
  '\t},',
]);
const groups = new Map();
for (const [apiVersion, kinds] of removals) {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  groups.set(group, new Set([...(groups.get(group) ?? []), ...kinds.keys()]));
}
const groupLines = [...groups].sort(byName).map(([group, kinds]) => {
  const names = [...kinds].sort((a, b) => (a < b ? -1 : 1)).map((kind) => JSON.stringify(kind));
  return `\t${JSON.stringify(group)}: {${names.join(', ')}},`;
});
const known = Math.max(...folders.map(minorOf));

writeFileSync(
  OUT,
  `# In which release of Kubernetes API versions are served no more, and what takes their place, as the lifecycle tags in
# the source of its API modules say. Read from k8s.io modules
${folders.map((folder) => `#   ${basename(folder)}`).join('\n')}
# by \`node tools/removed-apis.mjs FOLDER…\`; for another release run that again.
package lib.removed_apis

# The minor release up to which this is known.
known_minor := ${known}

# By API version and kind: the minor release that serves it no more, and the API version instead, where there is one.
removed := {
${lines.join('\n')}
}

# By group: the kinds that lost, or will lose, some version in it.
kinds := {
${groupLines.join('\n')}
}
`,
);
process.stdout.write(`${OUT}: ${removals.size} API versions, up to Kubernetes 1.${known}\n`);
