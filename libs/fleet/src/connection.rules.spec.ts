import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Tx } from '#platform';
import type { Cluster } from './cluster.entity.js';
import { connectionAt, DISCONNECTED_AFTER_MS, STALE_AFTER_MS, stepsSince } from './connection.rules.js';
import { recordConnection } from './connection.store.js';

const T0 = Date.UTC(2026, 10, 24, 12);
const at = (ms: number): Date => new Date(T0 + ms);

describe('a connection', () => {
  it.each([
    [0, 'connected'],
    [STALE_AFTER_MS - 1, 'connected'],
    [STALE_AFTER_MS, 'stale'],
    [DISCONNECTED_AFTER_MS - 1, 'stale'],
    [DISCONNECTED_AFTER_MS, 'disconnected'],
    [365 * 86_400_000, 'disconnected'],
  ])('%i ms after the last sign of life is %s', (ms, expected) => {
    expect(connectionAt(at(0), at(ms))).toBe(expected);
  });

  it('that never was is pending, however long', () => {
    expect(connectionAt(null, at(10 * DISCONNECTED_AFTER_MS))).toBe('pending');
    expect(stepsSince({ connection: 'pending', since: at(0) }, null, at(DISCONNECTED_AFTER_MS))).toEqual([]);
  });

  it('has its limits of 90 seconds and 10 minutes', () => {
    expect([STALE_AFTER_MS, DISCONNECTED_AFTER_MS]).toEqual([90_000, 600_000]);
  });

  it('that nobody looked at went through every state at its own time', () => {
    const connected = { connection: 'connected' as const, since: at(-5_000) };
    expect(stepsSince(connected, at(0), at(STALE_AFTER_MS - 1))).toEqual([]);
    expect(stepsSince(connected, at(0), at(DISCONNECTED_AFTER_MS))).toEqual([
      { connection: 'stale', since: at(STALE_AFTER_MS) },
      { connection: 'disconnected', since: at(DISCONNECTED_AFTER_MS) },
    ]);
    expect(stepsSince({ connection: 'stale', since: at(STALE_AFTER_MS) }, at(0), at(DISCONNECTED_AFTER_MS))).toEqual([
      { connection: 'disconnected', since: at(DISCONNECTED_AFTER_MS) },
    ]);
  });
});

interface Span {
  from: number;
  to: number;
  connection: string;
}

/** A cluster in memory, through the very code that writes history. */
class RecordedCluster {
  readonly history: Span[] = [];
  readonly cluster = { clusterId: 'c', connection: 'pending', connectionSince: at(0), lastSeenAt: null } as Cluster;

  async record(ms: number, beat: boolean): Promise<void> {
    const tx = {
      now: at(ms),
      scope: { orgId: 'o' },
      query: async (_sql: string, [, , from, to, connection]: [string, string, Date, Date, string]) => {
        this.history.push({ from: from.getTime() - T0, to: to.getTime() - T0, connection });
      },
      repository: () => ({ update: async (_where: object, change: object) => Object.assign(this.cluster, change) }),
    };
    await recordConnection(tx as unknown as Tx, this.cluster, beat ? tx.now : undefined);
  }
}

describe('the history of a connection', () => {
  const beats = fc.array(fc.integer({ min: 1, max: 1_200_000 }), { minLength: 1, maxLength: 12 });
  const sweeps = fc.array(fc.integer({ min: 1, max: 6_000_000 }), { maxLength: 12 });

  it('is gapless, true at each moment, and the same whether anybody looked in between or not', async () => {
    await fc.assert(
      fc.asyncProperty(beats, sweeps, async (gaps, looks) => {
        let now = 0;
        const moments = gaps.map((gap) => (now += gap));
        const end = now + 2 * DISCONNECTED_AFTER_MS;
        const beaten = new Set(moments);
        const watched = new RecordedCluster();
        const seen = looks.filter((ms) => ms < end && !beaten.has(ms));
        for (const ms of [...new Set([...moments, ...seen])].sort((a, b) => a - b))
          await watched.record(ms, beaten.has(ms));
        await watched.record(end, false);
        const unwatched = new RecordedCluster();
        for (const ms of moments) await unwatched.record(ms, true);
        await unwatched.record(end, false);
        expect(watched.history).toEqual(unwatched.history);
        expect(watched.cluster).toEqual(unwatched.cluster);
        let expected = 0;
        for (const span of watched.history) {
          expect(span.from).toBe(expected);
          expected = span.to;
          for (const ms of [span.from, span.to - 1]) {
            const last = moments.filter((moment) => moment <= ms).at(-1);
            expect(span.connection).toBe(connectionAt(last === undefined ? null : at(last), at(ms)));
          }
        }
        expect(watched.cluster.connectionSince.getTime() - T0).toBe(expected);
        expect(watched.cluster.connection).toBe('disconnected');
      }),
      { numRuns: 300 },
    );
  });
});
