import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ROOT } from './process.mjs';

/**
 * Reads what an API server makes of RBAC by itself, and which resources belong to no namespace, and writes it as Rego:
 *
 *   node tools/default-cluster-roles.mjs KUBECONFIG
 *
 * Needs `kubectl` (or its path in KUBECTL) and a fresh cluster whose controller manager runs: it is the one that
 * gathers the rules of admin, edit and view.
 */
const OUT = join(ROOT, 'policy-library', 'lib', 'default_cluster_roles.rego');
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const DEFAULTS = 'labelSelector=kubernetes.io%2Fbootstrapping%3Drbac-defaults';

const [kubeconfig] = process.argv.slice(2);
if (kubeconfig === undefined) fail('usage: node tools/default-cluster-roles.mjs KUBECONFIG');

function get(path) {
  const answer = execFileSync(process.env.KUBECTL ?? 'kubectl', ['--kubeconfig', kubeconfig, 'get', '--raw', path], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(answer);
}

const byKey = ([a], [b]) => (a < b ? -1 : 1);

/** The defaults of a kind by name, namespaced ones by `namespace/name`, cut to what decides. */
function defaultsOf(resource, fields) {
  const entries = get(`${RBAC}/${resource}?${DEFAULTS}`).items.map((item) => {
    const { name, namespace, labels } = item.metadata;
    const cut = { metadata: { name, ...(namespace && { namespace }), labels } };
    for (const field of fields) if (item[field] != null) cut[field] = item[field];
    return [namespace === undefined ? name : `${namespace}/${name}`, cut];
  });
  return entries.sort(byKey);
}

/** The groups in which a resource belongs to no namespace, by its name. */
function clusterScoped() {
  const versions = [
    ['', '/api/v1'],
    ...get('/apis').groups.flatMap(({ name, versions: served }) =>
      served.map(({ groupVersion }) => [name, `/apis/${groupVersion}`]),
    ),
  ];
  const groups = {};
  for (const [group, path] of versions) {
    for (const { name, namespaced } of get(path).resources) {
      if (!namespaced && !name.includes('/')) (groups[name] ??= new Set()).add(group);
    }
  }
  return Object.entries(groups)
    .map(([name, found]) => [name, [...found].sort((a, b) => (a < b ? -1 : 1))])
    .sort(byKey);
}

/** A JSON value as `opa fmt` spaces it, so that the file stays as it is written. */
function rego(value) {
  if (Array.isArray(value)) return `[${value.map(rego).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${rego(item)}`);
  return `{${members.join(', ')}}`;
}

function rule(comment, name, entries) {
  const lines = entries.map(([key, value]) => `\t${JSON.stringify(key)}: ${rego(value)},`);
  return `# ${comment}\n${name} := {\n${lines.join('\n')}\n}\n`;
}

const version = get('/version').gitVersion;
const clusterRoles = defaultsOf('clusterroles', ['rules', 'aggregationRule']);
const gathered = clusterRoles.filter(([, role]) => role.aggregationRule !== undefined);
const empty = gathered.find(([, role]) => (role.rules ?? []).length === 0);
if (empty !== undefined) fail(`ClusterRole ${empty[0]} has no rules yet: is the controller manager running?`);

writeFileSync(
  OUT,
  [
    `# What the API server of Kubernetes ${version} makes by itself, read off it. Written by
# \`node tools/default-cluster-roles.mjs KUBECONFIG\`; for another version run that again on a fresh cluster of it.
package lib.default_cluster_roles

kubernetes_version := ${JSON.stringify(version)}
`,
    rule('By name. admin, edit and view hold the rules that are gathered for them.', 'cluster_roles', clusterRoles),
    rule('By namespace and name.', 'roles', defaultsOf('roles', ['rules'])),
    rule('By name.', 'cluster_role_bindings', defaultsOf('clusterrolebindings', ['roleRef', 'subjects'])),
    rule('By namespace and name.', 'role_bindings', defaultsOf('rolebindings', ['roleRef', 'subjects'])),
    rule(
      'Resources that belong to no namespace, with the groups in which that is so.',
      'cluster_scoped',
      clusterScoped(),
    ),
  ].join('\n'),
);
process.stdout.write(`${OUT}: ${clusterRoles.length} ClusterRoles of Kubernetes ${version}\n`);
