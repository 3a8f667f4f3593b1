import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import { RelatedCluster } from '../support/related-cluster.js';
import { TestPlatform } from '../support/test-platform.js';
import { anAutoscaler, aWorkload } from '../support/workloads.js';

const IMAGE = 'registry.example.com/shop/web:5.2.1';

const named = (apiVersion: string, kind: string, name: string, spec?: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop', uid: `uid-of-${kind}-${name}` },
  ...(spec && { spec }),
});

describe('a policy about what has to be there', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  async function aCluster(policy: string): Promise<RelatedCluster> {
    await RelatedCluster.bind(platform, policy);
    return RelatedCluster.enroll(platform, policy, `cluster-of-${policy}`);
  }

  it('tells a pod whose ConfigMap is missing, until it comes, and again when it goes', async () => {
    const cluster = await aCluster('referenced-config-exists');
    const optional = { secretRef: { name: 'debug', optional: true } };
    const container = { name: 'web', image: IMAGE, envFrom: [{ configMapRef: { name: 'settings' } }, optional] };
    const pod = named('v1', 'Pod', 'web', { containers: [container] });
    const settings = named('v1', 'ConfigMap', 'settings');
    expect(await cluster.alone(pod)).toEqual([
      'Pod web skipped: the ConfigMaps and Secrets of its namespace are not known: no cluster was named, or it is still being listed',
    ]);
    await cluster.view.list(pod, named('v1', 'ConfigMap', 'other'));
    expect(await cluster.view.failing()).toEqual(['Pod web: web']);
    expect(await cluster.inCi(pod)).toEqual([expect.stringContaining('takes variables from ConfigMap "settings"')]);
    expect(await cluster.inCi(pod, settings)).toEqual([]);
    await cluster.view.put(settings);
    expect([await cluster.view.failing(), await cluster.view.resolved()]).toEqual([[], ['Pod web: fixed']]);
    expect(await cluster.view.counts()).toEqual({ pass: 1, fail: 0 });
    await cluster.view.remove(settings);
    expect(await cluster.view.failing()).toEqual(['Pod web: web']);
  });

  it('tells an Ingress whose Service is missing or has another port', async () => {
    const cluster = await aCluster('ingress-backend-exists');
    const ingress = named('networking.k8s.io/v1', 'Ingress', 'shop', {
      defaultBackend: { service: { name: 'web', port: { number: 80 } } },
    });
    const service = (port: number): JsonObject => named('v1', 'Service', 'web', { ports: [{ port }] });
    await cluster.view.list(ingress);
    expect(await cluster.view.failing()).toEqual(['Ingress shop']);
    await cluster.view.put(service(8080));
    expect((await cluster.view.violations())[0]?.findings[0]?.message).toContain('sends to port 80 of Service "web"');
    await cluster.view.put(service(80));
    expect(await cluster.view.failing()).toEqual([]);
  });

  it('tells an autoscaler whose target is missing where others are known, and keeps its counsel while a cluster is listed', async () => {
    const cluster = await aCluster('hpa-target-exists');
    const scaler = anAutoscaler('web', 'web', { minReplicas: 2 });
    const web = aWorkload('Deployment', 'web', IMAGE);
    const api = aWorkload('Deployment', 'api', IMAGE);
    expect(await cluster.alone(scaler)).toEqual([
      expect.stringContaining('skipped: no workload of its namespace is known'),
    ]);
    expect(await cluster.alone(scaler, web)).toEqual([]);
    expect(await cluster.alone(scaler, api)).toEqual([expect.stringContaining('scales Deployment "web"')]);
    await cluster.view.listPart(scaler, api);
    expect([await cluster.view.failing(), await cluster.view.counts()]).toEqual([[], { pass: 0, fail: 0 }]);
    await cluster.view.listEnd(web);
    expect([await cluster.view.failing(), await cluster.view.counts()]).toEqual([[], { pass: 1, fail: 0 }]);
    await cluster.view.remove(web);
    expect(await cluster.view.failing()).toEqual(['HorizontalPodAutoscaler web']);
  });
});

describe('an object of a cluster', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    await RelatedCluster.bind(platform, 'deprecated-api-versions');
  });
  afterAll(() => platform.stop());

  const cronJob = (apiVersion: string, ...writers: [string, string, number, string?][]): JsonObject => ({
    apiVersion,
    kind: 'CronJob',
    metadata: {
      name: 'report',
      namespace: 'shop',
      managedFields: writers.map(([manager, version, month, subresource]) => ({
        manager,
        apiVersion: version,
        time: `2026-0${month}-01T00:00:00Z`,
        fieldsV1: { [subresource === undefined ? 'f:spec' : 'f:status']: {} },
        ...(subresource !== undefined && { subresource }),
      })),
    },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: { spec: { containers: [] } } } } },
  });

  it('is judged by the API version in which it was last written, and anew when only that changes', async () => {
    const cluster = await RelatedCluster.enroll(platform, 'deprecated-api-versions', 'written');
    const older: [string, string, number] = ['kubectl', 'batch/v1beta1', 1];
    const status: [string, string, number, string] = ['controller', 'batch/v1', 3, 'status'];
    await cluster.view.list(cronJob('batch/v1', older, status));
    expect(await cluster.view.failing()).toEqual(['CronJob report']);
    expect((await cluster.view.violations())[0]?.findings[0]).toMatchObject({
      path: 'apiVersion',
      found: 'batch/v1beta1',
      expected: 'batch/v1',
    });
    await cluster.view.put(cronJob('batch/v1', older, status, ['kubectl', 'batch/v1', 2]));
    expect([await cluster.view.failing(), await cluster.view.resolved()]).toEqual([[], ['CronJob report: fixed']]);
  });

  it('is judged by its document’s version in CI, whoever wrote it in the cluster that it was exported from', async () => {
    const cluster = await RelatedCluster.enroll(platform, 'deprecated-api-versions', 'posted');
    expect(await cluster.alone(cronJob('batch/v1', ['kubectl', 'batch/v1beta1', 1]))).toEqual([]);
    expect(await cluster.alone(cronJob('batch/v1beta1', ['kubectl', 'batch/v1', 1]))).toEqual([
      expect.stringContaining('is written in batch/v1beta1'),
    ]);
  });
});
