import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Connection } from '#contracts';
import { severityRank } from '#kernel';
import { complianceOf, type CheckCounts, type ClusterState } from './compliance.rules.js';

const NOW = new Date(Date.UTC(2026, 10, 24, 12));
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);

const aCluster = (clusterId: string, connection: Connection, seconds = 10): ClusterState => ({
  clusterId,
  connection,
  lastSeenAt: connection === 'pending' ? null : ago(seconds),
  stateAsOf: connection === 'pending' ? null : ago(seconds),
});
const counts = (clusterId: string, changes: Partial<CheckCounts> = {}): CheckCounts => ({
  clusterId,
  severity: severityRank('high'),
  category: 'security',
  pass: 0,
  fail: 0,
  waived: 0,
  error: 0,
  skipped: 0,
  ...changes,
});

describe('compliance', () => {
  it('counts what was evaluated, and says how much was not', () => {
    const seen = complianceOf(
      NOW,
      [aCluster('a', 'connected')],
      [counts('a', { pass: 6, fail: 2, waived: 1, error: 2, skipped: 1 })],
      [],
    );
    expect(seen.counts).toEqual({
      pass: 6,
      fail: 2,
      waived: 1,
      error: 2,
      skipped: 1,
      unknown: 0,
      evaluated: 9,
      eligible: 12,
    });
    expect([seen.score, seen.coverage]).toEqual([0.75, 0.75]);
  });

  it('has no score where nothing was evaluated, and no coverage where nothing is eligible', () => {
    const nothing = complianceOf(NOW, [aCluster('a', 'pending')], [], []);
    expect([nothing.score, nothing.coverage, nothing.data_age_seconds, nothing.unknown_since]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    const failed = complianceOf(NOW, [aCluster('a', 'connected')], [counts('a', { error: 3, waived: 1 })], []);
    expect([failed.score, failed.coverage]).toEqual([null, 0.25]);
  });

  it('never counts a disconnected cluster as compliant: what it last said is unknown (V1)', () => {
    const clusters = [
      aCluster('a', 'connected', 30),
      aCluster('gone', 'disconnected', 900),
      aCluster('lost', 'disconnected', 1_200),
    ];
    const checks = [
      counts('a', { pass: 1, fail: 1 }),
      counts('gone', { pass: 50, waived: 3 }),
      counts('lost', { fail: 7 }),
    ];
    const objects = [
      { clusterId: 'a', judged: 2, failing: 1, excluded: 3 },
      { clusterId: 'gone', judged: 50, failing: 0, excluded: 0 },
    ];
    const seen = complianceOf(NOW, clusters, checks, objects);
    expect(seen).toMatchObject({
      score: 0.5,
      counts: { pass: 1, fail: 1, waived: 0, unknown: 60, evaluated: 2, eligible: 62 },
      unknown_since: ago(1_200).toISOString(),
      data_age_seconds: 30,
      objects: { total: 52, compliant: 1, excluded: 3 },
      clusters: { total: 3, connected: 1, stale: 0, disconnected: 2, pending: 0 },
    });
    expect(seen.by_severity.high).toEqual({ pass: 1, fail: 1 });
    expect(seen.by_category.security).toEqual({ pass: 1, fail: 1 });
  });

  it('keeps the counts of a stale cluster, and shows their age', () => {
    const seen = complianceOf(NOW, [aCluster('a', 'stale', 300)], [counts('a', { pass: 4 })], []);
    expect([seen.score, seen.counts.unknown, seen.data_age_seconds, seen.unknown_since]).toEqual([1, 0, 300, null]);
  });

  it('leaves out a cluster that was removed a moment ago, though its counts are still there', () => {
    const objects = [{ clusterId: 'removed', judged: 5, failing: 0, excluded: 1 }];
    const seen = complianceOf(
      NOW,
      [aCluster('a', 'connected')],
      [counts('a', { fail: 1 }), counts('removed', { pass: 9 })],
      objects,
    );
    expect([seen.score, seen.counts.eligible, seen.objects]).toEqual([0, 1, { total: 0, compliant: 0, excluded: 0 }]);
  });

  it('adds up, whatever the numbers: shares lie between 0 and 1, and nothing is counted twice or lost', () => {
    const count = fc.nat(1_000);
    const check = fc.record({
      clusterId: fc.constantFrom('a', 'b', 'c'),
      severity: fc.nat(4),
      category: fc.constantFrom('security', 'network'),
      pass: count,
      fail: count,
      waived: count,
      error: count,
      skipped: count,
    });
    const connections = fc.tuple(
      ...['a', 'b', 'c'].map(() => fc.constantFrom<Connection>('connected', 'stale', 'disconnected')),
    );
    fc.assert(
      fc.property(connections, fc.array(check, { maxLength: 20 }), (states, checks) => {
        const clusters = states.map((connection, index) => aCluster('abc'[index] ?? '', connection));
        const { counts: sum, score, coverage, by_severity: bySeverity } = complianceOf(NOW, clusters, checks, []);
        const all = checks.reduce((n, one) => n + one.pass + one.fail + one.waived + one.error + one.skipped, 0);
        expect(sum.eligible).toBe(all);
        expect(sum.pass + sum.fail + sum.waived + sum.error + sum.skipped + sum.unknown).toBe(all);
        expect(Object.values(bySeverity).reduce((n, one) => n + one.pass, 0)).toBe(sum.pass);
        for (const share of [score, coverage]) if (share !== null) expect(share >= 0 && share <= 1).toBe(true);
        expect(score === null).toBe(sum.pass + sum.fail === 0);
      }),
    );
  });
});
