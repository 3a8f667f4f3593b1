import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformClient } from './platform-client.js';

const PLACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('an agent that is not traced itself', () => {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.setHeader('content-type', 'application/json');
    response.end('{"epoch": 1, "seq": 1, "applied": true, "rejected": [], "in_sync": true}');
  });
  let client: PlatformClient;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    client = new PlatformClient(`http://127.0.0.1:${port}`, () => undefined, new AbortController().signal);
  });
  beforeEach(() => {
    heard.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('hands on the place that it was asked from with what it sends for it, and none otherwise', async () => {
    const batch = { epoch: 1, seq: 1, normaliser: 1, changes: [] };
    await client.inventory('bylaw_agent_x', batch, PLACE);
    await client.inventory('bylaw_agent_x', batch, undefined);
    await client.heartbeat('bylaw_agent_x', { epoch: 1, seq: 1, agent_version: 'test' });
    expect(heard.map(({ traceparent }) => traceparent)).toEqual([PLACE, undefined, undefined]);
  });
});
