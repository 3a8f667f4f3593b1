import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '#kernel';
import { podTemplateOf } from '#kube';
import type { EvaluateNow } from './fixture-judge.js';
import { readFixture } from './fixtures.js';
import type { ContainerList, PolicyInfo } from './policy.js';
import { provePolicy, type PolicyProof } from './proof.js';
import type { Finding } from './verdict.js';

const POD = (container: string) => `object:
  apiVersion: apps/v1
  kind: Deployment
  metadata: { name: web, namespace: shop }
  spec:
    selector: { matchLabels: { app: web } }
    template:
      metadata: { labels: { app: web } }
      spec:
        containers:
          - ${container}
`;
const BAD = POD('{ name: web, image: bad }');
const GOOD = readFixture('pass-good.yaml', POD('{ name: web, image: good }'));
const FIXTURES = [
  readFixture('fail-bad.yaml', `${BAD}findings: [{ path: x }]`),
  GOOD,
  readFixture('pass-other.yaml', `${BAD}parameters: { denied: worse }`),
];

interface Behaviour {
  lists?: string[];
  blindTo?: string;
  ignoresParameter?: boolean;
  failsGoodJobs?: boolean;
  failsEverything?: boolean;
}

/** A policy on images, written in TypeScript so that it can be made wrong in one respect. */
function aPolicy({
  lists = ['containers', 'initContainers', 'ephemeralContainers'],
  ...behaviour
}: Behaviour): EvaluateNow {
  return ({ review, params }) => {
    const template = podTemplateOf(review.object);
    if (review.kind.kind === 'ReplicaSet') {
      return [{ policy: 'images', verdict: 'not_applicable', reason: 'owned', findings: [] }];
    }
    const seen = review.kind.kind === behaviour.blindTo ? [] : lists;
    const denied = behaviour.ignoresParameter ? 'bad' : (params['images']?.['denied'] ?? null);
    const findings = seen.flatMap((list) => offenders(template?.podSpec, list, denied, template?.path ?? ''));
    if (behaviour.failsGoodJobs && review.kind.kind === 'Job')
      findings.push({ path: 'kind', found: 'Job', expected: '', message: 'no Jobs' });
    if (behaviour.failsEverything) findings.push({ path: 'metadata', found: null, expected: '', message: 'no' });
    return [{ policy: 'images', verdict: findings.length > 0 ? 'fail' : 'pass', findings }];
  };
}

/** Takes pods with a good image, and whatever holds no pod. */
const onlyGoodImages: EvaluateNow = ({ review: { object } }) => {
  const spec = podTemplateOf(object)?.podSpec;
  const good = spec === undefined || offenders(spec, 'containers', 'good', '').length > 0;
  const findings = good ? [] : [{ path: 'x', found: null, expected: '', message: 'not good' }];
  return [{ policy: 'images', verdict: good ? 'pass' : 'fail', findings }];
};

function offenders(spec: JsonObject | undefined, list: string, denied: Json, path: string): Finding[] {
  const containers = spec?.[list];
  if (!Array.isArray(containers)) return [];
  return containers.flatMap((container, index) =>
    isJsonObject(container) && container['image'] === denied
      ? [
          {
            path: `${path}.${list}[${index}].image`,
            found: denied,
            expected: 'another',
            message: 'm',
            container: String(container['name']),
          },
        ]
      : [],
  );
}

function prove(
  behaviour: Behaviour,
  container_lists: ContainerList[] = ['containers', 'initContainers', 'sidecars', 'ephemeralContainers'],
): PolicyProof {
  const parameters = { type: 'object', properties: { denied: { default: 'bad' } } };
  const policy = {
    slug: 'images',
    metadata: { kinds: ['@pod-spec'], container_lists, parameters },
  } as unknown as PolicyInfo;
  return provePolicy(aPolicy(behaviour), policy, FIXTURES);
}

const dead = ({ slots }: PolicyProof) =>
  slots
    .filter(({ status }) => status === 'never_fires')
    .map(({ kind, list, parameter }) => [kind, list, parameter].filter(Boolean).join(' '));

describe('provePolicy', () => {
  it('finds a policy alive on every kind and list that it claims', () => {
    const proof = prove({});
    expect(dead(proof)).toEqual([]);
    expect(proof).toMatchObject({ policy: 'images', alive: true, unfair: [] });
    expect(proof.slots.filter(({ status }) => status === 'fires').map(({ kind }) => kind)).toContain(
      'CronJob (v1beta1)',
    );
  });

  it('finds a list that the policy does not look at', () => {
    const proof = prove({ lists: ['containers', 'initContainers'] });
    expect(proof.alive).toBe(false);
    expect(dead(proof)).toEqual(['Pod ephemeralContainers']);
  });

  it('does not take a finding elsewhere for one in the list', () => {
    expect(dead(prove({ lists: ['containers'], failsEverything: true }))).toContain('Pod initContainers');
  });

  it('finds a kind that the policy does not look at', () => {
    expect(dead(prove({ blindTo: 'CronJob' }, ['containers']))).toEqual([
      'CronJob (v1) containers',
      'CronJob (v1beta1) containers',
    ]);
  });

  it('finds a parameter that changes nothing', () => {
    expect(dead(prove({ ignoresParameter: true }))).toEqual(['denied']);
  });

  it('finds a passing fixture that fails under another kind', () => {
    const proof = prove({ failsGoodJobs: true });
    expect(proof.alive).toBe(false);
    expect(proof.unfair).toContainEqual({
      fixture: 'pass-good.yaml',
      kind: 'Job',
      verdict: 'fail',
      reason: 'kind: no Jobs',
    });
  });

  it.each([
    ['are left apart where the policy names both', ['@pod-spec', 'core/ServiceAccount'], []],
    ['are held to each other where one declaration claims both', ['*'], ['pass-account.yaml']],
  ])('kinds with and without a pod %s', (_what, kinds, unfair) => {
    const account = readFixture(
      'pass-account.yaml',
      'object: { apiVersion: v1, kind: ServiceAccount, metadata: { name: a } }',
    );
    const policy = {
      slug: 'images',
      metadata: { kinds, container_lists: [], parameters: { type: 'object', properties: {} } },
    } as unknown as PolicyInfo;
    const { unfair: found } = provePolicy(onlyGoodImages, policy, [GOOD, account]);
    expect([...new Set(found.map(({ fixture }) => fixture))]).toEqual(unfair);
  });

  it('names what is not applicable, with its reason', () => {
    const excused = prove({}).slots.filter(({ status }) => status === 'not_applicable');
    expect(excused).toContainEqual({
      kind: 'Deployment',
      list: 'ephemeralContainers',
      status: 'not_applicable',
      reason: 'only Pods have ephemeral containers',
    });
    expect(excused).toContainEqual({
      kind: 'ReplicaSet',
      list: 'containers',
      status: 'not_applicable',
      reason: 'owned',
    });
    expect(excused).toHaveLength(13 + 3);
  });

  describe('a policy on what is moved to another kind or version', () => {
    const MANIFEST = (apiVersion: string, kind: string, spec: string, rest = '') =>
      `object: { apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: web, namespace: shop }, spec: ${spec} }\n${rest}`;
    const JOB =
      '{ backoffLimit: 9, template: { spec: { restartPolicy: Never, containers: [{ name: web, image: good }] } } }';

    function proofOf(
      kinds: string[],
      fails: (object: JsonObject) => string | undefined,
      fixtures: string[],
    ): PolicyProof {
      const evaluate: EvaluateNow = ({ review }) => {
        const path = fails(review.object);
        if (path === undefined) return [{ policy: 'p', verdict: 'pass', findings: [] }];
        return [{ policy: 'p', verdict: 'fail', findings: [{ path, expected: '', message: 'm' }] }];
      };
      const policy = { slug: 'p', metadata: { kinds, container_lists: [], parameters: {} } } as unknown as PolicyInfo;
      return provePolicy(
        evaluate,
        policy,
        fixtures.map((text, index) =>
          readFixture(`${text.includes('findings') ? 'fail' : 'pass'}-${index}.yaml`, text),
        ),
      );
    }

    it('keeps what Jobs and CronJobs say of a job', () => {
      const limitOf = (object: JsonObject): unknown => {
        const spec = object['spec'] as { backoffLimit?: number; jobTemplate?: { spec: { backoffLimit?: number } } };
        return object['kind'] === 'CronJob' ? spec.jobTemplate?.spec.backoffLimit : spec.backoffLimit;
      };
      const fails = (object: JsonObject): string | undefined => (limitOf(object) === 9 ? 'backoffLimit' : undefined);
      const asJob = MANIFEST('batch/v1', 'Job', JOB, 'findings: [{ path: backoffLimit }]');
      const asCronJob = MANIFEST('batch/v1', 'CronJob', `{ jobTemplate: { spec: ${JOB} } }`, 'findings: [{ path: x }]');
      for (const fixture of [asJob, asCronJob])
        expect(dead(proofOf(['batch/Job', 'batch/CronJob'], fails, [fixture]))).toEqual([]);
    });

    it('lets a fixture stand for its kind where its API version is what offends', () => {
      const fails = ({ apiVersion }: JsonObject): string | undefined =>
        apiVersion === 'apps/v1' ? undefined : 'apiVersion';
      const older = MANIFEST('apps/v1beta1', 'Deployment', '{}', 'findings: [{ path: apiVersion }]');
      expect(dead(proofOf(['apps/Deployment'], fails, [older]))).toEqual([]);
      expect(dead(proofOf(['apps/Deployment', 'apps/StatefulSet'], fails, [older]))).toEqual(['StatefulSet']);
      const elsewhere = MANIFEST('apps/v1beta1', 'Deployment', '{}', 'findings: [{ path: spec }]');
      expect(dead(proofOf(['apps/Deployment'], fails, [elsewhere]))).toEqual(['Deployment']);
    });
  });
});
