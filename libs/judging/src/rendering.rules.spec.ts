import { describe, expect, it } from '@jest/globals';
import { readManifests } from '#kube';
import { SourcesToRender, unlessToRender } from './rendering.rules.js';

describe('what somebody has to render first', () => {
  const sources = new SourcesToRender([
    'app/Chart.yaml',
    'base/kustomization.yaml',
    'my chart/Chart.yml',
    'plain.yaml',
  ]);

  it.each<[string, string | undefined]>([
    ['app/Chart.yaml', 'helm template app'],
    ['app/values.yaml', 'helm template app'],
    ['app/values-prod.yaml', 'helm template app'],
    ['app/templates/deployment.yaml', 'helm template app'],
    ['app/templates/tests/test.yaml', 'helm template app'],
    ['app/charts/redis/templates/a.yaml', 'helm template app'],
    ['app/crds/crd.yaml', undefined],
    ['application/templates/a.yaml', undefined],
    ['my chart/values.yaml', "helm template 'my chart'"],
    ['base/kustomization.yaml', 'kubectl kustomize base'],
    ['kustomization.yml', 'kubectl kustomize .'],
    ['base/deployment.yaml', undefined],
    ['plain.yaml', undefined],
  ])('%s: %s', (path, command) => {
    expect(sources.commandFor(path)).toBe(command);
  });

  const read = (text: string, path: string | null = null) =>
    readManifests(text).documents.map((document) => unlessToRender(document, path, sources));

  it('is told with the command, at its place', () => {
    expect(read('kind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n')).toMatchObject([
      {
        status: 'ignored',
        error: { code: 'needs_rendering', message: 'needs rendering: helm template CHART | bylaw check -', line: 3 },
      },
    ]);
    expect(read('apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n', 'x/k.yaml')).toMatchObject([
      { status: 'ignored', error: { message: 'needs rendering: kubectl kustomize x | bylaw check -' } },
    ]);
    expect(read('apiVersion: v2\nname: app\nversion: 1.0.0\n', 'app/Chart.yaml')).toMatchObject([
      { status: 'ignored' },
    ]);
  });

  it('is not what only looks alike', () => {
    const plain = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {t: "{{ x }}"}\n';
    expect(read(plain, 'plain.yaml')).toMatchObject([{ status: 'ok' }]);
    expect(read('a: [\n', 'plain.yaml')).toMatchObject([{ status: 'invalid' }]);
  });
});
