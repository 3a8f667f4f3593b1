import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { BindingShape, ComplianceShape, TriggerShape, ValidationResult, ViolationShape } from '#contracts';
import { TestAgent } from '../support/test-agent.js';
import type { TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

interface Scenario {
  description: string;
  policies?: object[];
  bindings?: { target: object }[];
  default?: boolean;
  cluster?: object;
  objects: object[];
  failing: string[];
  unresolved?: string[];
  decision: string;
}

const FOLDER = fileURLToPath(new URL('../../../test/scenarios/', import.meta.url));
const SCENARIOS = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

/** What one side says: failing and unresolved pairs by name, and the findings of those that fail. */
interface Said {
  failing: string[];
  findings: Map<string, unknown>;
  errors: number;
  skipped: number;
}

describe('the same rules over the same objects', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  it.each(SCENARIOS)('say the same in CI and in the audit (V2): %s', async (file) => {
    const scenario = parse(readFileSync(FOLDER + file, 'utf8')) as Scenario;
    const owner = await platform.stranger(file.replace('.yaml', ''));
    await setUp(owner, scenario);
    const agent = await TestAgent.enroll(platform, owner, 'prod');
    if (scenario.cluster !== undefined) await owner.patch(`/api/v1/clusters/${agent.clusterId}`, scenario.cluster);
    const { body } = await owner.post('/api/v1/validate', { specs: scenario.objects, cluster: agent.clusterId });
    const result = body as ValidationResult;
    await agent.list(scenario.objects);
    await platform.settle();
    const inCi = saidByValidation(result);
    const inAudit = await saidByAudit(owner);
    const expected = [...scenario.failing].sort();
    expect(inCi.failing).toEqual(expected);
    expect(inAudit.failing).toEqual(expected);
    expect(inAudit.findings).toEqual(inCi.findings);
    const unresolved = scenario.unresolved ?? [];
    expect(
      result.unresolved.map((one) => `${one.verdict} ${pairOf({ ...one, policy: { slug: one.policy } })}`).sort(),
    ).toEqual([...unresolved].sort());
    const counts = [
      unresolved.filter((one) => one.startsWith('error')).length,
      unresolved.filter((one) => one.startsWith('skipped')).length,
    ];
    expect([inCi.errors, inCi.skipped]).toEqual(counts);
    expect([inAudit.errors, inAudit.skipped]).toEqual(counts);
    expect(result.decision).toBe(scenario.decision);
  });
});

async function setUp(owner: TestClient, scenario: Scenario): Promise<void> {
  const bindings = (await owner.get('/api/v1/bindings')).body as { items: BindingShape[] };
  if (scenario.default === false) await owner.delete(`/api/v1/bindings/${bindings.items[0]?.id}`);
  for (const policy of scenario.policies ?? []) {
    const { body } = await owner.post('/api/v1/policies', policy);
    const published = await owner.post(`/api/v1/policies/${(body as { id: string }).id}/publish`, {});
    if (published.status !== 200) throw new Error(JSON.stringify([body, published.body]));
  }
  const triggers = (await owner.get('/api/v1/triggers')).body as { items: TriggerShape[] };
  const triggerIds = triggers.items.filter(({ type }) => type === 'ci' || type === 'object-change').map(({ id }) => id);
  for (const [index, { target, ...binding }] of (scenario.bindings ?? []).entries()) {
    const made = await owner.post('/api/v1/targets', { name: `target ${index}`, ...target });
    const { status, body } = await owner.post('/api/v1/bindings', {
      ...binding,
      target_id: (made.body as { id: string }).id,
      trigger_ids: triggerIds,
    });
    if (status !== 201) throw new Error(JSON.stringify([made.body, body]));
  }
}

interface Pair {
  policy: { slug: string };
  instance: string;
  object: { kind: string; namespace: string; name: string };
}

function pairOf({ policy, instance, object }: Pair): string {
  return `${policy.slug}${instance && `/${instance}`} ${object.kind}/${object.namespace}/${object.name}`;
}

function saidByValidation(result: ValidationResult): Said {
  return {
    failing: result.violations.map(pairOf).sort(),
    findings: new Map(result.violations.map((one) => [pairOf(one), one.findings.map(withoutFix)])),
    errors: result.summary.error,
    skipped: result.summary.skipped,
  };
}

async function saidByAudit(owner: TestClient): Promise<Said> {
  const { items } = (await owner.get('/api/v1/violations?limit=500')).body as { items: ViolationShape[] };
  const { counts } = (await owner.get('/api/v1/compliance')).body as ComplianceShape;
  return {
    failing: items.map(pairOf).sort(),
    findings: new Map(items.map((one) => [pairOf(one), one.findings.map(withoutFix)])),
    errors: counts.error,
    skipped: counts.skipped,
  };
}

function withoutFix({ fix: _fix, ...finding }: { fix?: unknown }): unknown {
  return finding;
}
