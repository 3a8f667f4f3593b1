import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#kernel';
import type { Finding } from '#engine';
import { foldInto, foldKey, type FoldTarget } from './folding.rules.js';
import type { JudgedPair } from './reconcile.rules.js';

const container = (name: string): JsonObject => ({ name, image: 'nginx' });
const pod = (...names: string[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1-x', namespace: 'shop' },
  spec: { containers: names.map(container) },
});
const deployment = (...names: string[]): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { template: { spec: { containers: names.map(container) } } },
});
const finding = (path: string, of?: string): Finding => ({
  path,
  expected: 'a tag',
  message: 'no tag',
  ...(of !== undefined && { container: of }),
});
const failing = (checkId: number, ...findings: Finding[]): JudgedPair => ({
  checkId,
  policyVersion: 1,
  severity: 'medium',
  verdict: 'fail',
  findings,
});
const target = (object: JsonObject, failures: [number, Finding[]][]): FoldTarget => ({
  objectId: 'top',
  object,
  failing: new Map(failures),
});
const ofTemplate = (index: number, of: string) => finding(`spec.template.spec.containers[${index}].image`, of);
const ofPod = (index: number, of: string) => finding(`spec.containers[${index}].image`, of);
const verdicts = (pairs: JudgedPair[]) => pairs.map(({ verdict }) => verdict);

describe('a failing pod is folded into its controller', () => {
  it('where the controller fails in the same check, container and field', () => {
    const above = target(deployment('app'), [[1, [ofTemplate(0, 'app')]]]);
    expect(foldInto(pod('app'), [failing(1, ofPod(0, 'app'))], above)).toMatchObject([
      { verdict: 'folded', findings: [] },
    ]);
  });

  it('by the container’s name, wherever it stands in the list', () => {
    const above = target(deployment('app'), [[1, [ofTemplate(0, 'app')]]]);
    expect(verdicts(foldInto(pod('injected', 'app'), [failing(1, ofPod(1, 'app'))], above))).toEqual(['folded']);
  });

  it('where the pod spec itself is at fault', () => {
    const above = target(deployment('app'), [[1, [finding('spec.template.spec.hostNetwork')]]]);
    expect(verdicts(foldInto(pod('app'), [failing(1, finding('spec.hostNetwork'))], above))).toEqual(['folded']);
  });

  it('where both are at fault outside the pod spec', () => {
    const above = target(deployment('app'), [[1, [finding('metadata.namespace')]]]);
    expect(verdicts(foldInto(pod('app'), [failing(1, finding('metadata.namespace'))], above))).toEqual(['folded']);
  });

  it('check by check: what passes stays as it is', () => {
    const above = target(deployment('app'), [[1, [ofTemplate(0, 'app')]]]);
    const passing: JudgedPair = { ...failing(2), verdict: 'pass' };
    expect(verdicts(foldInto(pod('app'), [failing(1, ofPod(0, 'app')), passing], above))).toEqual(['folded', 'pass']);
  });
});

describe('a failing pod keeps a violation of its own', () => {
  const template = [ofTemplate(0, 'app')];
  it.each<[string, JudgedPair, FoldTarget | undefined]>([
    ['nothing believable controls it', failing(1, ofPod(0, 'app')), undefined],
    ['the controller passes the check', failing(1, ofPod(0, 'app')), target(deployment('app'), [[2, template]])],
    [
      'it has one finding more than the controller',
      failing(1, ofPod(0, 'app'), ofPod(1, 'sidecar')),
      target(deployment('app'), [[1, template]]),
    ],
    ['another container is at fault', failing(1, ofPod(0, 'sidecar')), target(deployment('app'), [[1, template]])],
    [
      'a container of the same name in another list is at fault',
      failing(1, finding('spec.initContainers[0].image', 'app')),
      target(deployment('app'), [[1, template]]),
    ],
    [
      'another field is at fault',
      failing(1, finding('spec.containers[0].securityContext', 'app')),
      target(deployment('app'), [[1, template]]),
    ],
    [
      'the controller has no pod template',
      failing(1, finding('metadata.namespace')),
      target({ apiVersion: 'example.org/v1', kind: 'Shop', metadata: { name: 'a' } }, [
        [1, [finding('metadata.namespace')]],
      ]),
    ],
  ])('where %s', (_what, pair, above) => {
    expect(foldInto(pod('app', 'sidecar'), [pair], above)).toEqual([pair]);
  });
});

describe('what folding depends on', () => {
  const key = (failures: [number, Finding[]][], object = deployment('app')) => foldKey(target(object, failures));
  const before = key([[1, [ofTemplate(0, 'app')]]]);

  it('changes with what the controller fails in, and where', () => {
    expect(key([])).not.toBe(before);
    expect(key([[2, [ofTemplate(0, 'app')]]])).not.toBe(before);
    expect(key([[1, [ofTemplate(0, 'other')]]])).not.toBe(before);
    expect(foldKey({ ...target(deployment('app'), [[1, [ofTemplate(0, 'app')]]]), objectId: 'other' })).not.toBe(
      before,
    );
    expect(foldKey(undefined)).toBeNull();
  });

  it('is the same whatever the messages say and in which order the checks come', () => {
    expect(key([[1, [{ ...ofTemplate(0, 'app'), message: 'other words', found: 'x' }]]])).toBe(before);
    const one: [number, Finding[]] = [1, [ofTemplate(0, 'app')]];
    const two: [number, Finding[]] = [2, [ofTemplate(0, 'app')]];
    expect(key([one, two])).toBe(key([two, one]));
  });
});
