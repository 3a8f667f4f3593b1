import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { KubeApi } from './kube-api.mjs';
import { fail, ROOT } from './process.mjs';

/**
 * Asks a real API server for each fixture's object as it would store it, with its defaults, and keeps that beside the
 * fixtures (policy-library/<slug>/fixtures/defaulted.json):
 *
 *   node tools/defaulted-fixtures.mjs KUBECONFIG [--crds FOLDER]... [SLUG]...
 *
 * Needs a build, and a cluster that nobody else uses: namespaces, classes and definitions of custom kinds are made in it,
 * the objects themselves only tried. Definitions (CustomResourceDefinition) of kinds that it lacks come from the folders;
 * other custom kinds are let through as they are. ServiceAccount admission and controllers are to be off.
 */
const USAGE = 'usage: node tools/defaulted-fixtures.mjs KUBECONFIG [--crds FOLDER]... [SLUG]...';
const dist = join(ROOT, 'dist', 'libs', 'engine', 'src');
const { defaultedFile, defaultedText, fixtureDigest } = await import(join(dist, 'testdata', 'defaulted-fixtures.js'));
const { readFixtures, readLibraryFolder, stockSourcesFolder } = await import(join(dist, 'index.js'));

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

function argumentsGiven() {
  const [kubeconfig, ...rest] = process.argv.slice(2);
  if (kubeconfig === undefined || kubeconfig.startsWith('-')) fail(USAGE);
  const [crds, slugs] = [[], []];
  while (rest.length > 0) {
    const next = rest.shift();
    if (next === '--crds') crds.push(rest.shift() ?? fail(USAGE));
    else slugs.push(next);
  }
  return { kubeconfig, crds, slugs };
}

/** Only those of kinds that fixtures have: each costs the server time. */
async function defineFrom(api, folders, wanted) {
  const defined = new Set();
  for (const folder of folders) {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
      for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
        const definition = document.toJS();
        if (definition?.kind !== 'CustomResourceDefinition') continue;
        if (!wanted.has(`${definition.spec.group}/${definition.spec.names.kind}`)) continue;
        delete definition.spec.conversion;
        await api.make(CRDS, definition);
        defined.add(`${definition.spec.group}/${definition.spec.names.kind}`);
      }
    }
  }
  return defined;
}

function groupKindOf({ apiVersion, kind }) {
  return `${String(apiVersion).split('/')[0]}/${kind}`;
}

/** A kind whose group has a dot and is none of Kubernetes's own is somebody's custom one. */
function isCustom(group) {
  return group.includes('.') && !group.endsWith('.k8s.io');
}

/** As the fixture has it: with a namespace or without. */
async function definePermissive(api, object) {
  const [group, version] = object.apiVersion.split('/');
  const singular = object.kind.toLowerCase();
  const plural = `${singular}s`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: object.metadata?.namespace ? 'Namespaced' : 'Cluster',
      names: { plural, singular, kind: object.kind },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
  await api.remove(`${CRDS}/${plural}.${group}`);
  await api.make(CRDS, definition);
}

/** What admission asks for before it lets an object in. */
async function prepare(api, object) {
  const { namespace } = object.metadata ?? {};
  const make = (path, kind, name, rest) => api.make(path, { ...rest, kind, metadata: { name } });
  if (namespace) await make('/api/v1/namespaces', 'Namespace', namespace, { apiVersion: 'v1' });
  const text = JSON.stringify(object);
  for (const [, name] of text.matchAll(/"priorityClassName":"(?!system-)([^"]+)"/g)) {
    const scheduling = { apiVersion: 'scheduling.k8s.io/v1', value: 1000 };
    await make('/apis/scheduling.k8s.io/v1/priorityclasses', 'PriorityClass', name, scheduling);
  }
  for (const [, name] of text.matchAll(/"runtimeClassName":"([^"]+)"/g)) {
    const node = { apiVersion: 'node.k8s.io/v1', handler: name };
    await make('/apis/node.k8s.io/v1/runtimeclasses', 'RuntimeClass', name, node);
  }
}

/** A pod gets debugging containers only once it is there. */
async function tryWithDebugging(api, path, object) {
  const { ephemeralContainers, ...spec } = object.spec;
  const made = await api.post(path, { ...object, spec });
  if (made.status !== 201) return made;
  const place = `${path}/${made.body.metadata.name}`;
  const body = { ...made.body, spec: { ...made.body.spec, ephemeralContainers } };
  const answer = await api.put(`${place}/ephemeralcontainers?dryRun=All`, body);
  await api.delete(`${place}?gracePeriodSeconds=0`);
  return answer;
}

async function tryObject(api, path, object) {
  if (object.kind === 'Pod' && object.spec?.ephemeralContainers) return tryWithDebugging(api, path, object);
  const answer = await api.post(`${path}?dryRun=All`, object);
  if (answer.status !== 409) return answer;
  const there = await api.get(`${path}/${object.metadata.name}`);
  const { resourceVersion } = there.body.metadata ?? {};
  const metadata = { ...object.metadata, resourceVersion };
  return api.put(`${path}/${object.metadata.name}?dryRun=All`, { ...object, metadata });
}

async function pathOf(api, object) {
  const resource = await api.resource(object.apiVersion, object.kind);
  if (resource === undefined) return undefined;
  const base = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  if (!resource.namespaced) return `${base}/${resource.name}`;
  return `${base}/namespaces/${object.metadata?.namespace ?? 'default'}/${resource.name}`;
}

async function defaulted(api, defined, fixture) {
  const { object } = fixture;
  const digest = fixtureDigest(fixture);
  const [group] = String(object.apiVersion).split('/');
  if (isCustom(group) && !defined.has(groupKindOf(object))) await definePermissive(api, object);
  const path = await pathOf(api, object);
  if (path === undefined) return { digest, refused: `${object.apiVersion} ${object.kind} is not served` };
  await prepare(api, object);
  const { status, body } = await tryObject(api, path, object);
  if (status !== 200 && status !== 201) return { digest, refused: String(body.message ?? status).trim() };
  return { digest, object: withoutTraces(body, object) };
}

const TRACES = ['uid', 'creationTimestamp', 'resourceVersion', 'generation', 'managedFields', 'selfLink'];
const UID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What comes out otherwise each time: ids, times, names and addresses that the server makes up. */
function withoutTraces(stored, given) {
  const known = new Set(JSON.stringify(given).match(UID));
  const text = JSON.stringify(stored).replace(UID, (id) =>
    known.has(id) ? id : '00000000-0000-0000-0000-000000000000',
  );
  const { generateName, name } = stored.metadata;
  const object = JSON.parse(given.metadata?.name ? text : text.replaceAll(name, `${generateName}xxxxx`));
  for (const key of TRACES) if (given.metadata?.[key] === undefined) delete object.metadata[key];
  if (given.status === undefined) delete object.status;
  if (object.kind === 'Service' && object.apiVersion === 'v1') withoutAllocations(object.spec, given.spec ?? {});
  return object;
}

function withoutAllocations(spec, given) {
  if (given.clusterIP === undefined && spec.clusterIP !== undefined && spec.clusterIP !== 'None') {
    spec.clusterIP = '10.0.0.1';
    spec.clusterIPs = ['10.0.0.1'];
  }
  spec.ports?.forEach((port, index) => {
    if (port.nodePort !== undefined && given.ports?.[index]?.nodePort === undefined) port.nodePort = 30_000 + index;
  });
  if (spec.healthCheckNodePort !== undefined && given.healthCheckNodePort === undefined)
    spec.healthCheckNodePort = 32_000;
}

const { kubeconfig, crds, slugs } = argumentsGiven();
const api = new KubeApi(kubeconfig);
const root = stockSourcesFolder();
const { policies } = await readLibraryFolder(root);
const chosen = policies.map(({ slug }) => slug).filter((slug) => slugs.length === 0 || slugs.includes(slug));
const library = await Promise.all(
  chosen.map(async (slug) => ({
    slug,
    fixtures: (await readFixtures(join(root, slug))).filter(({ kind }) => kind !== 'invalid'),
  })),
);
const kinds = new Set(library.flatMap(({ fixtures }) => fixtures.map(({ object }) => groupKindOf(object))));
const defined = await defineFrom(api, crds, kinds);
const kubernetes_version = (await api.get('/version')).body.gitVersion;
let [kept, refused] = [0, 0];
for (const { slug, fixtures } of library) {
  const pairs = {};
  for (const fixture of fixtures) pairs[fixture.file] = await defaulted(api, defined, fixture);
  writeFileSync(defaultedFile(join(root, slug)), defaultedText({ kubernetes_version, fixtures: pairs }));
  for (const [file, { refused: reason }] of Object.entries(pairs)) {
    if (reason === undefined) kept += 1;
    else {
      refused += 1;
      process.stdout.write(`${slug}/${file}: ${reason}\n`);
    }
  }
}
process.stdout.write(`${kept} objects kept, ${refused} refused by Kubernetes ${kubernetes_version}\n`);
