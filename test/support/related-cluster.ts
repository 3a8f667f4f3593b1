import type { ValidationResult } from '#contracts';
import type { JsonObject } from '#kernel';
import { bindOwn } from './bindings.js';
import { ClusterView } from './cluster-view.js';
import { TestAgent } from './test-agent.js';
import type { TestPlatform } from './test-platform.js';

/** A cluster in which one policy is judged that looks at other objects; CI asks the same policy. */
export class RelatedCluster {
  private constructor(
    private readonly platform: TestPlatform,
    readonly view: ClusterView,
    private readonly policy: string,
  ) {}

  /**
   * Binds the policy everywhere, for changes of objects and for CI.
   * @param platform where
   * @param policy slug
   * @param target what its binding means; everything unless given
   */
  static async bind(platform: TestPlatform, policy: string, target: object = {}): Promise<void> {
    const { body } = await platform.owner.post('/api/v1/triggers', { name: `${policy} in CI`, type: 'ci' });
    const { trigger } = await bindOwn(platform.owner, { name: `${policy} for nothing` });
    await bindOwn(platform.owner, {
      name: policy,
      enforcement: 'audit',
      policies: [{ policy }],
      target,
      trigger_ids: [trigger.id, (body as { id: string }).id],
    });
    await platform.settle();
  }

  /** @returns a cluster of its own in which `bind` holds */
  static async enroll(platform: TestPlatform, policy: string, name: string): Promise<RelatedCluster> {
    const agent = await TestAgent.enroll(platform, platform.owner, name);
    return new RelatedCluster(platform, new ClusterView(platform, agent, policy), policy);
  }

  get clusterId(): string {
    return this.view.agent.clusterId;
  }

  /** @returns what CI is told of these objects with this cluster's inventory behind them, `Kind name: verdict` or reason */
  inCi(...specs: JsonObject[]): Promise<string[]> {
    return this.validate({ specs, cluster: this.clusterId });
  }

  /** @returns what CI is told of these objects alone */
  alone(...specs: JsonObject[]): Promise<string[]> {
    return this.validate({ specs });
  }

  private async validate(envelope: object): Promise<string[]> {
    const { status, body } = await this.platform.owner.post('/api/v1/validate', envelope);
    if (status !== 200) throw new Error(JSON.stringify(body));
    const { violations, unresolved } = body as ValidationResult;
    const failing = violations
      .filter(({ policy }) => policy.slug === this.policy)
      .map(({ object, message }) => `${object.kind} ${object.name}: ${message}`);
    const open = unresolved
      .filter(({ policy }) => policy === this.policy)
      .map(({ object, verdict, reason }) => `${object.kind} ${object.name} ${verdict}: ${reason}`);
    return [...failing, ...open].sort();
  }
}
