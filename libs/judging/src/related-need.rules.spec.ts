import { describe, expect, it } from '@jest/globals';
import type { PolicyVerdict, RelatedDeclaration } from '#engine';
import type { Known } from './known-objects.js';
import { heldToNeeds } from './related-need.rules.js';

const passed: PolicyVerdict = { policy: 'p', verdict: 'pass', findings: [] };
const needing = (need: RelatedDeclaration['need'], changes: Partial<RelatedDeclaration> = {}) => ({
  related: [{ name: 'others', kind: 'core/ResourceQuota', select: 'same_namespace', need, ...changes }],
});
const roles = {
  kind: ['rbac.authorization.k8s.io/Role', 'rbac.authorization.k8s.io/ClusterRole'],
  select: 'ref(roleRef)',
};

describe('a pass of a policy that could not look', () => {
  it('stays one where the policy only wanted to know more', () => {
    expect(heldToNeeds(passed, needing('refines'), {}, 'posted')).toBe(passed);
  });

  it('stays one where it could look, though there was nothing', () => {
    expect(heldToNeeds(passed, needing('complete'), { others: [] }, 'all')).toBe(passed);
    expect(heldToNeeds(passed, { related: [] }, undefined, 'posted')).toBe(passed);
    expect(heldToNeeds(passed, undefined, undefined, 'posted')).toBe(passed);
  });

  it.each<[string, ReturnType<typeof needing>, Known, string]>([
    ['everything there is', needing('complete'), 'posted', 'no ResourceQuota can be looked up: name a cluster'],
    [
      'something there',
      needing('present'),
      'posted',
      'no ResourceQuota was posted, and none can be looked up: post it too, or name a cluster',
    ],
    [
      'what is named',
      needing('present', roles),
      'posted',
      'no Role or ClusterRole that roleRef names was posted, and none can be looked up: post it too, or name a cluster',
    ],
    [
      'what is named, and a cluster was looked through',
      needing('present', roles),
      'all',
      'there is no Role or ClusterRole that roleRef names: create it, or name another',
    ],
    [
      'everything there is, while a cluster is listed',
      needing('complete'),
      'listed',
      'no ResourceQuota was listed yet: the cluster is being listed, and looked at again then',
    ],
  ])('is skipped where it needed %s, and says what would help', (_what, metadata, known, reason) => {
    expect(heldToNeeds(passed, metadata, {}, known)).toEqual({ ...passed, verdict: 'skipped', reason });
    expect(heldToNeeds(passed, metadata, undefined, known).verdict).toBe('skipped');
  });

  it('is skipped where it looks through an inventory that was not at hand, and so is a failure', () => {
    const looking = needing('refines', { select: 'inventory' });
    const failed: PolicyVerdict = {
      ...passed,
      verdict: 'fail',
      findings: [{ path: '', found: 1, expected: 2, message: 'm' }],
    };
    const reason = 'no ResourceQuota can be looked up: name a cluster';
    for (const verdict of [passed, failed, { ...passed, verdict: 'skipped' as const, reason: 'its own' }])
      expect(heldToNeeds(verdict, looking, {}, 'posted')).toEqual({ ...passed, verdict: 'skipped', reason });
    expect(heldToNeeds(failed, looking, { others: [] }, 'all')).toBe(failed);
    expect(heldToNeeds(passed, looking, {}, 'all').reason).toMatch(/than can be looked through: 5000, or 8 MiB/);
  });

  it('gives each reason once', () => {
    const { related } = needing('complete');
    const twice = { related: [...related, ...related.map((one) => ({ ...one, name: 'more' }))] };
    expect(heldToNeeds(passed, twice, {}, 'posted').reason).toBe('no ResourceQuota can be looked up: name a cluster');
  });

  it.each(['fail', 'skipped', 'error', 'not_applicable'] as const)('is no matter of a verdict %s', (verdict) => {
    const other = { ...passed, verdict, reason: 'its own' };
    expect(heldToNeeds(other, needing('complete'), {}, 'posted')).toBe(other);
  });
});
