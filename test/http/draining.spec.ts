import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Draining } from '../../apps/api/src/operations/draining.js';
import { TestPlatform } from '../support/test-platform.js';

describe('a replica that is about to end', () => {
  let first: TestPlatform;
  let leaving: TestPlatform;
  beforeAll(async () => {
    first = await TestPlatform.start();
    leaving = await TestPlatform.start({ beside: first });
  });
  afterAll(() => first.stop());

  it('is not ready any more, still answers, and lets go of each connection with its answer', async () => {
    expect((await leaving.client().get('/readyz')).status).toBe(200);
    leaving.app.get(Draining).onModuleDestroy();
    const refused = await leaving.client().get('/readyz');
    expect([refused.status, refused.body]).toEqual([503, expect.objectContaining({ code: 'unavailable' })]);
    const answered = await leaving.owner.get('/api/v1/organization');
    expect([answered.status, answered.headers.get('connection')]).toEqual([200, 'close']);
    expect((await first.client().get('/readyz')).status).toBe(200);
  });

  it('does not wait for a connection on which nothing was asked yet', async () => {
    const socket = connect(Number(new URL(leaving.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    await leaving.stop();
    await closed;
  });
});
