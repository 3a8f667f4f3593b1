import { publicId, requirePublicId, type JsonObject } from '#kernel';
import type { InventoryAck, InventoryChange } from '#contracts';
import { clusterDigest, contentDigest, KindDigest, normalise, NORMALISER_VERSION, objectId } from '#kube';
import type { TestClient } from './test-client.js';
import { TestClient as Client } from './test-client.js';

/** A cluster with an agent that says what the test wants it to say. */
export class TestAgent {
  private epoch = 1;
  private seq = 0;
  private last: object | undefined;

  private constructor(
    readonly clusterId: string,
    readonly client: TestClient,
  ) {}

  /**
   * Registers a cluster and enrols an agent for it.
   * @param platform where, by its URL
   * @param owner whose cluster it is
   * @param name of the cluster
   */
  static async enroll({ url }: { url: string }, owner: TestClient, name: string): Promise<TestAgent> {
    const registered = await owner.post('/api/v1/clusters', { name });
    const { id, enrollment } = registered.body as { id: string; enrollment: { token: string } };
    const nobody = new Client(url);
    const enrolled = await nobody.post('/agent/v1/enroll', { token: enrollment.token, agent_version: 'test' });
    return new TestAgent(id, new Client(url, (enrolled.body as { credential: string }).credential));
  }

  /** Sends changes as the next batch. */
  async send(changes: InventoryChange[], snapshot?: 'part' | 'end'): Promise<InventoryAck> {
    const body = { epoch: this.epoch, seq: this.seq + 1, normaliser: 1, changes, ...(snapshot && { snapshot }) };
    this.last = body;
    const answer = await this.client.post('/agent/v1/inventory', body);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    this.seq++;
    return answer.body as InventoryAck;
  }

  /** Lists exactly these objects: what is not among them is gone. `part`: more of the listing is to come. */
  async list(objects: object[], snapshot: 'part' | 'end' = 'end'): Promise<InventoryAck> {
    this.epoch++;
    this.seq = 0;
    return this.send(
      objects.map((object) => ({ op: 'upsert', object }) as InventoryChange),
      snapshot,
    );
  }

  /** What it was enrolled with. */
  get credential(): string {
    return this.client.key ?? '';
  }

  /** The last batch that it sent. */
  get position(): { epoch: number; seq: number } {
    return this.seq === 0 ? { epoch: 0, seq: 0 } : { epoch: this.epoch, seq: this.seq };
  }

  /**
   * Gives a sign of life, and nothing else.
   * @param more that it says of its cluster
   */
  async beat(more: { kubernetes_version?: string } = {}): Promise<void> {
    const beat = { epoch: 0, seq: 0, agent_version: 'test', ...more };
    const { status, body } = await this.client.post('/agent/v1/heartbeat', beat);
    if (status !== 200) throw new Error(JSON.stringify(body));
  }

  /** Sends the last batch once more, as after an answer that was lost. */
  async sendLastAgain(): Promise<void> {
    if (this.last === undefined) return;
    const answer = await this.client.post('/agent/v1/inventory', this.last);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }

  /** @returns the id (UUID) of a Pod of this cluster */
  objectId({ namespace, name }: { namespace: string; name: string }): string {
    return objectId(requirePublicId('cluster', this.clusterId), { group: '', kind: 'Pod', namespace, name });
  }

  /** @returns the id of a Pod of this cluster as people see it: `obj_…` */
  publicObjectId(pod: { namespace: string; name: string }): string {
    return publicId('object', this.objectId(pod));
  }

  /** @returns the digest (hexadecimal) of a cluster that holds exactly these objects, as an agent works it out (F9) */
  digestOf(objects: JsonObject[]): string {
    const kinds = new Map<string, { group: string; kind: string; digest: KindDigest }>();
    for (const written of objects) {
      const result = normalise(written);
      if (!result.ok) throw new Error('the test lists an object that is none');
      const { group, kind } = result.identity;
      const entry = kinds.get(`${group}/${kind}`) ?? { group, kind, digest: new KindDigest() };
      entry.digest.add(result.identity, contentDigest(result.object));
      kinds.set(`${group}/${kind}`, entry);
    }
    const rows = [...kinds.values()].map(({ group, kind, digest }) => ({ group, kind, digest: digest.bytes() }));
    return clusterDigest(NORMALISER_VERSION, rows).toString('hex');
  }
}
