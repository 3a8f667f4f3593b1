import type { PolicyDetail, ViolationShape } from '#contracts';
import { eventually } from '#testing';
import { bindOwn } from '../test/support/bindings.js';
import { TestAgent } from '../test/support/test-agent.js';
import type { TestClient } from '../test/support/test-client.js';
import type { TestPlatform } from '../test/support/test-platform.js';
import { withPlatform } from './support/bench-platform.js';
import { aDeployment } from './support/objects.js';
import { anOwnPolicy } from './support/own-policies.js';
import { percentile, report, type Figure } from './support/report.js';

/** Writing policies: how long until an error is said, until a new version judges, and what a neighbour feels of it. */
const CHECKS = 40;
const CHANGES = 25;
const OWN = 50;
const POSTS = 150;
const ENDLESS = `package endless
violation contains {"path": "a", "found": n, "expected": 0, "message": "no"} if {
  some n in [x | some x in numbers.range(1, 100000000); x % 7 == 0]
  n < 0
}
`;

const figures: Figure[] = [];
await withPlatform(async (platform) => {
  figures.push(...figuresOf('POST /policies/check, compiler warm', await checks(platform), '≤ 200 ms'));
  figures.push(
    ...figuresOf(`version published → its first verdict, beside ${OWN} others`, await changes(platform), '≤ 1,000 ms'),
  );
  figures.push(...(await neighbours(platform)));
});
report(figures);

async function checks({ owner }: TestPlatform): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i <= CHECKS; i++) {
    const { rego } = anOwnPolicy(i);
    const took = await timed(() =>
      owner.post('/api/v1/policies/check', { rego: i % 2 === 0 ? rego : `${rego}\nx if y` }),
    );
    if (i > 0) times.push(took);
  }
  return times;
}

async function changes(platform: TestPlatform): Promise<number[]> {
  const { owner } = platform;
  const agent = await TestAgent.enroll(platform, owner, 'own');
  await agent.list(Array.from({ length: 200 }, (_, index) => aDeployment(index)));
  const made: PolicyDetail[] = [];
  for (let i = 0; i < OWN; i++) made.push(await published(owner, anOwnPolicy(i)));
  await bindOwn(owner, { name: 'own', policies: made.map(({ slug }) => ({ policy: slug })), enforcement: 'audit' });
  const [policy] = made;
  const times: number[] = [];
  for (let i = 0; i <= CHANGES; i++) {
    const rego = anOwnPolicy(0)
      .rego.replace('is not as', `(${i}) is not as`)
      .replace('if not wanted', 'if input.review.name');
    const saved = await owner.patch(`/api/v1/policies/${policy?.id}`, { rego });
    if (saved.status !== 200) throw new Error(JSON.stringify(saved.body));
    const took = await timed(async () => {
      await owner.post(`/api/v1/policies/${policy?.id}/publish`, {});
      await eventually(async () => {
        const { body } = await owner.get(`/api/v1/violations?policy=${policy?.slug}&limit=1`);
        return (body as { items: ViolationShape[] }).items[0]?.findings[0]?.message.includes(`(${i})`);
      }, `version ${i}`);
    });
    if (i > 0) times.push(took);
  }
  return times;
}

/** One organization posts what it always posts, while another's policies never end. */
async function neighbours(platform: TestPlatform): Promise<Figure[]> {
  const neighbour = await platform.stranger('neighbour');
  const policy = await published(neighbour, anOwnPolicy(1));
  await bindForCi(neighbour, policy);
  const posts = async (): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < POSTS; i++) times.push(await timed(() => neighbour.post('/api/v1/validate', aDeployment(i))));
    return times;
  };
  await posts();
  const alone = await posts();
  const hostile = await platform.stranger('hostile');
  for (let i = 0; i < 5; i++)
    await bindForCi(hostile, await published(hostile, { ...anOwnPolicy(i), slug: `endless-${i}`, rego: ENDLESS }));
  let stop = false;
  const attack = Promise.all(
    [0, 1, 2].map(async (client) => {
      for (let i = client; !stop; i += 3) await hostile.post('/api/v1/validate', aDeployment(i));
    }),
  );
  const meanwhile = await posts();
  stop = true;
  await attack;
  return [
    ...figuresOf('POST /validate of a neighbour, alone', alone),
    ...figuresOf('POST /validate of a neighbour, beside endless policies', meanwhile),
  ];
}

async function bindForCi(owner: TestClient, policy: PolicyDetail): Promise<void> {
  const { body } = await owner.post('/api/v1/triggers', { name: `ci ${policy.slug}`, type: 'ci' });
  await bindOwn(owner, {
    name: policy.slug,
    policies: [{ policy: policy.slug }],
    trigger_ids: [(body as { id: string }).id],
    enforcement: 'audit',
  });
}

async function published(owner: TestClient, policy: object): Promise<PolicyDetail> {
  const about = { title: 'own', category: 'security', severity: 'low', kinds: ['Deployment'] };
  const { body } = await owner.post('/api/v1/policies', { ...about, ...policy });
  const made = await owner.post(`/api/v1/policies/${(body as PolicyDetail).id}/publish`, {});
  if (made.status !== 200) throw new Error(JSON.stringify([body, made.body]));
  return made.body as PolicyDetail;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function figuresOf(what: string, times: readonly number[], promise?: string): Figure[] {
  return [50, 95].map((share) => ({
    bench: 'own-policy',
    figure: `${what}: p${share}`,
    value: percentile(times, share / 100),
    unit: 'ms',
    n: times.length,
    ...(promise !== undefined && share === 95 && { promise }),
  }));
}
