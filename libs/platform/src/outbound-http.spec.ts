import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AllowedNetworks } from './outbound-address.rules.js';
import { OutboundFailed, OutboundHttp, OutboundRefused } from './outbound-http.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listening(handler: Handler): Promise<{ server: Server; url: string }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('addresses that tenants may have us connect to', () => {
  const none = new AllowedNetworks([]);
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '198.18.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fec0::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::1',
    '2001:db8::1',
    'ff02::1',
    '100::1',
    'localhost',
    '',
  ])('%j is none of them', (address) => expect(none.permits(address)).toBe(false));

  it.each(['8.8.8.8', '140.82.121.4', '2606:50c0:8000::153', '::ffff:8.8.8.8'])('%s is one', (address) =>
    expect(none.permits(address)).toBe(true),
  );

  it('are those too that the operator names, in both ways of writing them', () => {
    const some = new AllowedNetworks(['10.1.0.0/16', '192.168.7.7', 'fd00:1::/32']);
    expect(['10.1.9.9', '::ffff:10.1.9.9', '192.168.7.7', 'fd00:1::5'].filter((one) => !some.permits(one))).toEqual([]);
    expect(['10.2.0.1', '192.168.7.8', 'fd00:2::5'].filter((one) => some.permits(one))).toEqual([]);
  });
});

describe('a call of a URL that a tenant gave', () => {
  let inside: { server: Server; url: string };
  let handler: Handler;
  let called: { url: string; headers: IncomingMessage['headers'] }[];
  const http = new OutboundHttp(['127.0.0.0/8']);
  const strict = new OutboundHttp([]);
  beforeAll(async () => {
    inside = await listening((request, response) => {
      called.push({ url: request.url ?? '', headers: request.headers });
      handler(request, response);
    });
  });
  beforeEach(() => {
    called = [];
    handler = (_request, response) => response.end('hello');
  });
  afterAll(async () => {
    await http.close();
    await strict.close();
    inside.server.closeAllConnections();
    await new Promise((resolve) => inside.server.close(resolve));
  });

  it('is answered whole where its network is named', async () => {
    const answer = await http.send({
      method: 'POST',
      url: `${inside.url}/a?b=c`,
      body: '{}',
      headers: { 'x-own': '1' },
    });
    expect(answer).toMatchObject({ status: 200, text: 'hello' });
    expect(called).toMatchObject([{ url: '/a?b=c', headers: { 'x-own': '1', 'user-agent': 'bylaw' } }]);
  });

  it.each([
    (url: string) => url,
    (url: string) => url.replace('127.0.0.1', 'localhost'),
    (url: string) => url.replace('127.0.0.1', '2130706433'),
    (url: string) => url.replace('127.0.0.1', '0x7f.0.0.1'),
    (url: string) => url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
  ])('is not made into a private network, however it is written (%#)', async (written) => {
    const call = strict.send({ method: 'GET', url: written(inside.url) });
    await expect(call).rejects.toThrow(OutboundRefused);
    expect(called).toEqual([]);
  });

  it('is made in the clear to nobody but whom the operator named', async () => {
    await expect(http.send({ method: 'GET', url: 'http://8.8.8.8/' })).rejects.toThrow(/in the clear/);
    for (const url of ['ftp://127.0.0.1/', 'file:///etc/passwd', 'nonsense'])
      await expect(http.send({ method: 'GET', url })).rejects.toThrow(OutboundRefused);
  });

  it('follows a redirect where it may go, and takes no credential to another server', async () => {
    const other = await listening((request, response) => {
      called.push({ url: request.url ?? '', headers: request.headers });
      response.end('there');
    });
    handler = (_request, response) => response.writeHead(302, { location: `${other.url}/next` }).end();
    const headers = { authorization: 'Bearer secret', 'private-token': 'secret', 'x-own': '1' };
    expect((await http.send({ method: 'GET', url: inside.url, headers })).text).toBe('there');
    expect(called.at(-1)?.headers).toMatchObject({ 'x-own': '1' });
    expect(called.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(called.at(-1)?.headers).not.toHaveProperty('private-token');
    await new Promise((resolve) => other.server.close(resolve));
  });

  it('is not led into a private network by a redirect, nor round and round, and a POST nowhere', async () => {
    handler = (_request, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
    await expect(http.send({ method: 'GET', url: inside.url })).rejects.toThrow(OutboundRefused);
    handler = (_request, response) => response.writeHead(302, { location: '/again' }).end();
    await expect(http.send({ method: 'GET', url: inside.url })).rejects.toThrow(/redirects again and again/);
    called = [];
    expect((await http.send({ method: 'POST', url: inside.url, body: '{}' })).status).toBe(302);
    expect(called).toHaveLength(1);
  });

  it('ends at its limits of size and time, and says nothing of what was sent', async () => {
    handler = (_request, response) => response.end('x'.repeat(10_000));
    await expect(http.send({ method: 'GET', url: inside.url, maxBytes: 9_999 })).rejects.toThrow(
      /more than 9999 bytes/,
    );
    handler = () => undefined;
    const slow = http.send({
      method: 'GET',
      url: inside.url,
      timeoutMs: 100,
      headers: { authorization: 'Bearer secret' },
    });
    await expect(slow).rejects.toThrow(/^127\.0\.0\.1:\d+ took too long to answer\.$/);
    handler = (request) => request.socket.destroy();
    const cut = http.send({ method: 'GET', url: inside.url, headers: { authorization: 'Bearer secret' } });
    const error = await cut.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutboundFailed);
    expect(JSON.stringify([error, String(error)])).not.toContain('secret');
  });

  it('to a name that leads nowhere says so', async () => {
    await expect(http.send({ method: 'GET', url: 'https://nowhere.invalid/' })).rejects.toThrow(/leads nowhere/);
  });
});
