import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClusterShape } from '#contracts';
import { TestClient } from '../../test/support/test-client.js';
import type { Answer, Heard, Order } from './agents-process.js';

const PROCESS = fileURLToPath(new URL('./agents-process.js', import.meta.url));
/** More would wait for each other, and not for the platform. */
const AGENTS_A_PROCESS = 2_500;
const ORGANIZATIONS = 10;
const REGISTERING = 8;

/** A cluster of the fleet, and who may ask for a run of it. */
export interface FleetCluster {
  id: string;
  owner: TestClient;
}

/** Agents of many clusters of ten organizations, in processes of their own. */
export class AgentFleet {
  private readonly processes: ChildProcess[] = [];

  private constructor(readonly clusters: readonly FleetCluster[]) {}

  /**
   * Registers the clusters and enrols their agents; none of them is connected yet.
   * @param url of the platform
   * @param operator makes organizations
   * @param size how many agents
   * @param objects how many each cluster holds
   */
  static async enroll(url: string, operator: TestClient, size: number, objects: number): Promise<AgentFleet> {
    const owners = await Promise.all(Array.from({ length: ORGANIZATIONS }, (_, n) => organization(url, operator, n)));
    const clusters: FleetCluster[] = [];
    const tokens: string[] = [];
    let next = 0;
    const registering = async (): Promise<void> => {
      for (let n = next++; n < size; n = next++) {
        const owner = owners[n % owners.length] ?? operator;
        const { status, body } = await owner.post('/api/v1/clusters', { name: `cluster-${n}` });
        if (status !== 201) throw new Error(JSON.stringify(body));
        const { id, enrollment } = body as ClusterShape & { enrollment: { token: string } };
        clusters.push({ id, owner });
        tokens.push(enrollment.token);
      }
    };
    await Promise.all(Array.from({ length: REGISTERING }, registering));
    const fleet = new AgentFleet(clusters);
    for (let first = 0; first < size; first += AGENTS_A_PROCESS) fleet.processes.push(fork(PROCESS));
    await fleet.ask((index) => ({
      type: 'agents',
      server: url,
      tokens: tokens.slice(index * AGENTS_A_PROCESS, (index + 1) * AGENTS_A_PROCESS),
      objects,
    }));
    return fleet;
  }

  /** All agents begin at this moment. */
  begin(): void {
    for (const one of this.processes) one.send({ type: 'follow' } satisfies Order);
  }

  /** @returns what agents were told since the last question */
  async heard(): Promise<Heard> {
    const sum: Heard = { refused: 0, away: 0, errors: {} };
    for (const answer of await this.ask(() => ({ type: 'heard' }))) {
      if (answer.type !== 'heard') continue;
      sum.refused += answer.heard.refused;
      sum.away += answer.heard.away;
      for (const [what, times] of Object.entries(answer.heard.errors))
        sum.errors[what] = (sum.errors[what] ?? 0) + times;
    }
    return sum;
  }

  /** Ends all agents without a word. */
  stop(): void {
    for (const one of this.processes) one.kill('SIGKILL');
  }

  private ask(order: (index: number) => Order): Promise<Answer[]> {
    return Promise.all(
      this.processes.map(async (one, index) => {
        const answered = once(one, 'message');
        one.send(order(index));
        return (await answered)[0] as Answer;
      }),
    );
  }
}

async function organization(url: string, operator: TestClient, n: number): Promise<TestClient> {
  const { status, body } = await operator.post('/api/v1/organizations', { slug: `fleet-${n}`, name: `Fleet ${n}` });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return new TestClient(url, (body as { key: string }).key);
}
