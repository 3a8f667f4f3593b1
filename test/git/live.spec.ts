import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { liveEventSchema } from '#contracts';
import { eventually } from '#testing';
import { startTracing } from '#tracing';
import { EventReader } from '../support/event-reader.js';
import { aPod, GitWorld } from '../support/git-world.js';
import { TraceReceiver } from '../support/trace-receiver.js';

describe('a check that has ended', () => {
  let world: GitWorld;
  const open: EventReader[] = [];
  beforeAll(async () => {
    world = await GitWorld.start();
  });
  afterAll(() => world.stop());
  beforeEach(() => world.fresh());

  const follow = async (client = world.platform.owner, filters = ''): Promise<EventReader> => {
    const reader = await EventReader.open(world.platform.url, client, filters);
    open.push(reader);
    return reader;
  };
  afterAll(() => {
    for (const reader of open) reader.leave();
  });

  it('is told of as it happens, with its decision, to its own organization alone', async () => {
    const stranger = await follow(await world.platform.stranger());
    const [all, runs] = [await follow(), await follow(world.platform.owner, '?topics=run.finished')];
    const { id } = await world.source();
    const good = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web', 'web:1') });
    await world.push(id, 'main', good);
    await world.settle();
    const bad = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    await world.push(id, 'main', bad, good);
    await world.settle();
    const harmful = world.git.commit('acme/shop', 'main', { '.gitmodules': { link: '/etc/passwd' } });
    await world.push(id, 'main', harmful, bad);
    await world.settle();
    const last = await all.next('git-check.finished', ({ commit }) => commit === harmful);
    const checks = await world.checks();
    const told = all.events.filter(({ topic }) => topic === 'git-check.finished');
    expect(told.map(({ data }) => data)).toEqual(
      checks.reverse().map(({ id: check, source_id, ref, pull_request, commit, status, decision }) => ({
        check_id: check,
        source_id,
        ref,
        pull_request,
        commit,
        status,
        decision,
      })),
    );
    expect(told.map(({ data }) => data['decision'])).toEqual(['allow', 'deny', null]);
    liveEventSchema.parse({ topic: last.topic, payload: last.data });
    expect([stranger.topics(), runs.topics()].flat()).not.toContain('git-check.finished');
  });
});

describe('the trace of a delivery', () => {
  let receiver: TraceReceiver;
  let world: GitWorld;
  beforeAll(async () => {
    receiver = await TraceReceiver.start();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '50';
    world = await GitWorld.start();
    await startTracing({ service: 'test', version: '0', environment: process.env, onError: () => undefined });
  });
  afterAll(async () => {
    await world.stop();
    await receiver.stop();
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    delete process.env['OTEL_BSP_SCHEDULE_DELAY'];
  });

  it('leads from the provider’s request to the check, what it fetches and what it judges', async () => {
    const { id } = await world.source({ poll_minutes: 1_440 });
    const commit = world.git.commit('acme/shop', 'main', { 'web.yaml': aPod('web') });
    const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    receiver.foreign.add(spanId);
    await world.deliver(id, { ref: 'refs/heads/main', after: commit }, { traceparent: `00-${traceId}-${spanId}-01` });
    await world.settle();
    const { id: check } = await world.latest();
    const path = await receiver.ancestry((span) => span.name === 'git check' && span.traceId === traceId);
    expect(path.map(({ name }) => name)).toEqual(['git check', 'transaction', 'POST /api/v1/hooks/git/:sourceId']);
    expect(path[0]?.attributes).toMatchObject({
      'bylaw.check_id': check,
      'bylaw.cause': 'push',
      'bylaw.outcome': 'deny',
    });
    const within = path[0]?.spanId;
    const names = await eventually(async () => {
      const inside = receiver.of(traceId).filter(({ parentSpanId }) => parentSpanId === within);
      return inside.length >= 3 && inside.map(({ name }) => name);
    }, 'what the check did');
    expect(names).toEqual(expect.arrayContaining(['check out', 'judge', 'transaction']));
  });
});
