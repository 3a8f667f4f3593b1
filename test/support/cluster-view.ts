import type { ComplianceShape, RunShape, ViolationShape } from '#contracts';
import type { JsonObject } from '#kernel';
import type { TestAgent } from './test-agent.js';
import type { TestClient } from './test-client.js';
import type { TestPlatform } from './test-platform.js';

interface Named {
  api_version?: string;
  apiVersion?: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** One cluster as its owner sees it over HTTP, for one policy. */
export class ClusterView {
  private readonly owner: TestClient;

  constructor(
    private readonly platform: TestPlatform,
    readonly agent: TestAgent,
    private readonly policy: string,
  ) {
    this.owner = platform.owner;
  }

  /** Tells of these objects, and waits until they are judged. */
  async put(...objects: JsonObject[]): Promise<void> {
    await this.agent.send(objects.map((object) => ({ op: 'upsert', object })));
    await this.platform.settle();
  }

  /** Tells that these objects are gone, and waits until that is judged. */
  async remove(...objects: JsonObject[]): Promise<void> {
    await this.agent.send(
      objects.map((object) => {
        const { name, namespace = '' } = object['metadata'] as unknown as Named;
        return {
          op: 'delete',
          api_version: String(object['apiVersion']),
          kind: String(object['kind']),
          namespace,
          name,
        };
      }),
    );
    await this.platform.settle();
  }

  /** Lists exactly these objects, and waits until they are judged. */
  async list(...objects: JsonObject[]): Promise<void> {
    await this.agent.list(objects);
    await this.platform.settle();
  }

  /** Begins a listing that comes in parts with these objects, and waits until they are judged. */
  async listPart(...objects: JsonObject[]): Promise<void> {
    await this.agent.list(objects, 'part');
    await this.platform.settle();
  }

  /** Ends a listing with these objects, and waits until that is judged. */
  async listEnd(...objects: JsonObject[]): Promise<void> {
    await this.agent.send(
      objects.map((object) => ({ op: 'upsert', object })),
      'end',
    );
    await this.platform.settle();
  }

  /** @returns violations, by default those open */
  async violations(filter = ''): Promise<ViolationShape[]> {
    const path = `/api/v1/violations?limit=500&cluster_id=${this.agent.clusterId}&policy=${this.policy}${filter}`;
    return ((await this.owner.get(path)).body as { items: ViolationShape[] }).items;
  }

  /** @returns open violations as `Kind name: containers`, sorted */
  async failing(): Promise<string[]> {
    const lines = (await this.violations()).map(({ object, findings }) => {
      const containers = findings.flatMap(({ container }) => container ?? []);
      return `${object.kind} ${object.name}${containers.length > 0 ? `: ${containers.join(', ')}` : ''}`;
    });
    return lines.sort();
  }

  /** @returns resolved violations as `Kind name: resolution`, sorted */
  async resolved(): Promise<string[]> {
    const resolved = await this.violations('&state=resolved');
    return resolved.map(({ object, resolution }) => `${object.kind} ${object.name}: ${resolution}`).sort();
  }

  /** @returns how many objects pass and fail */
  async counts(): Promise<{ pass: number; fail: number }> {
    const path = `/api/v1/compliance?cluster_id=${this.agent.clusterId}&policy=${this.policy}`;
    const { counts } = (await this.owner.get(path)).body as ComplianceShape;
    return { pass: counts.pass, fail: counts.fail };
  }

  /** @returns the cluster's newest run */
  async lastRun(): Promise<RunShape> {
    const { body } = await this.owner.get(`/api/v1/runs?limit=1&cluster_id=${this.agent.clusterId}`);
    const [run] = (body as { items: RunShape[] }).items;
    if (run === undefined) throw new Error('the cluster has had no run');
    return run;
  }
}
