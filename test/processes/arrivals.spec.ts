import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAgent } from '../support/test-agent.js';
import { TestLink } from '../support/test-link.js';
import { TestPlatform } from '../support/test-platform.js';

/** Some times as many as are let in at once. */
const FLEET = 100;

describe('a fleet whose agents come at the same moment', () => {
  let platform: TestPlatform;
  let agents: TestAgent[];
  let links: TestLink[] = [];
  beforeAll(async () => {
    platform = await TestPlatform.start();
    agents = await Promise.all(
      Array.from({ length: FLEET }, (_, n) => TestAgent.enroll(platform, platform.owner, `cluster-${n}`)),
    );
  });
  afterEach(() => {
    for (const link of links) link.close();
    links = [];
  });
  afterAll(() => platform.stop());

  const connect = async (credential: string): Promise<TestLink> => {
    const link = await TestLink.open(platform.url, credential);
    links.push(link);
    return link;
  };
  const isGreeted = async (credential: string): Promise<boolean> => {
    const link = await connect(credential);
    if (link.ended !== undefined) return false;
    link.say({ type: 'heartbeat', epoch: 0, seq: 0, agent_version: 'test' });
    return (await link.next('ack')).in_sync;
  };

  it('is let in, all of it, one wave after the other', async () => {
    const greeted = await Promise.all(agents.map(({ credential }) => isGreeted(credential)));
    expect(greeted).toEqual(agents.map(() => true));
  });

  it('is not kept out by those who open a connection and say nothing', async () => {
    const [last, ...silent] = agents;
    const opening = silent.map(({ credential }) => connect(credential));
    expect(await isGreeted(last?.credential ?? '')).toBe(true);
    expect((await Promise.all(opening)).map(({ ended }) => ended)).toEqual(silent.map(() => undefined));
  });

  it('is not kept out by those whose credentials are none', async () => {
    const strangers = agents.map(({ credential }) => connect(`${credential.slice(0, -1)}x`));
    expect(await isGreeted(agents[0]?.credential ?? '')).toBe(true);
    expect(new Set((await Promise.all(strangers)).map(({ ended }) => ended))).toEqual(new Set([401]));
  });
});
