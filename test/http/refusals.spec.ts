import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { problemSchema } from '#contracts';
import { ERROR_CODES } from '#kernel';
import type { TestAnswer } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const MEBIBYTE = 1024 * 1024;
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
};

describe('every refusal', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  /** Checks the shape that API.md promises, and gives back what differs. */
  const refused = ({ status, body, headers }: TestAnswer, instance: string): [number, string] => {
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const document = problemSchema.parse(body);
    expect([document.status, document.instance]).toEqual([status, instance]);
    expect([document.type, document.title]).toEqual([
      `urn:bylaw:problem:${document.code}`,
      ERROR_CODES[document.code][1],
    ]);
    expect(document.detail).toMatch(/\w{2,}.*[.:;`]|\w{2,}/);
    expect(document.request_id).toBe(headers.get('x-request-id'));
    return [status, document.code];
  };

  /** Sends for as long as the other side lets it. */
  const postWithoutEnd = async (path: string, headers = {}): Promise<{ status: number; sent: number }> => {
    const chunk = Buffer.alloc(64 * 1024, ' ');
    const request = httpRequest(`${platform.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${platform.owner.key}`, ...headers },
    });
    let sent = 0;
    const send = (): void => {
      while (!request.destroyed && request.write(chunk)) sent += chunk.length;
    };
    request.on('drain', send);
    const closed = new Promise((resolve) => request.on('error', resolve).on('close', resolve));
    send();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await closed;
    return { status: response.statusCode ?? 0, sent };
  };

  it.each<[string, string, string, unknown, Record<string, string>, number, string]>([
    ['an unknown route', 'GET', '/nowhere', undefined, {}, 404, 'not_found'],
    ['an unknown version', 'GET', '/api/v2/clusters', undefined, {}, 404, 'not_found'],
    ['a path that is not well encoded', 'GET', '/api/v1/clusters/%E0%A4%A', undefined, {}, 400, 'bad_request'],
    ['no credential', 'GET', '/api/v1/clusters', undefined, { authorization: '' }, 401, 'unauthenticated'],
    ['another scheme', 'GET', '/api/v1/clusters', undefined, { authorization: 'Basic YTpi' }, 401, 'unauthenticated'],
    ['two credentials', 'GET', '/api/v1/clusters', undefined, { authorization: 'Bearer a b' }, 401, 'unauthenticated'],
    ['broken JSON', 'POST', '/api/v1/clusters', '{"name":', {}, 400, 'malformed_json'],
    ['JSON with a comma too many', 'PATCH', '/api/v1/organization', '{"name":"a",}', {}, 400, 'malformed_json'],
    [
      'a form',
      'POST',
      '/api/v1/clusters',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    [
      'a form where no body is needed',
      'POST',
      '/api/v1/policies/no-latest-tag/preview',
      'limit=3',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['XML', 'POST', '/api/v1/validate', '<a/>', { 'content-type': 'text/xml' }, 415, 'unsupported_media_type'],
    ['no type at all', 'POST', '/api/v1/validate', '{}', { 'content-type': '' }, 415, 'unsupported_media_type'],
    [
      'another charset',
      'POST',
      '/api/v1/validate',
      '{}',
      { 'content-type': 'application/json; charset=iso-8859-1' },
      415,
      'unsupported_media_type',
    ],
    [
      'another encoding',
      'POST',
      '/api/v1/validate',
      'x',
      { 'content-encoding': 'zstd' },
      415,
      'unsupported_media_type',
    ],
    ['gzip that is none', 'POST', '/api/v1/validate', 'x', { 'content-encoding': 'gzip' }, 400, 'bad_request'],
    ['an empty change', 'PATCH', '/api/v1/organization', {}, {}, 400, 'invalid_body'],
    ['a severity that is none', 'PATCH', '/api/v1/organization', { fail_on: 'fatal' }, {}, 400, 'invalid_body'],
    ['a key of the prototype', 'POST', '/api/v1/clusters', '{"name":"a","__proto__":{"x":1}}', {}, 400, 'invalid_body'],
    ['a name of spaces', 'POST', '/api/v1/clusters', { name: 'a', environment: '  ' }, {}, 400, 'invalid_body'],
    ['a version that is no number', 'GET', '/api/v1/policies/pol_1/versions/1.5', undefined, {}, 404, 'not_found'],
    ['a batch that is none', 'POST', '/agent/v1/enroll', [], {}, 400, 'invalid_body'],
  ])('is a problem document: %s', async (_what, method, path, body, headers, status, code) => {
    expect(refused(await platform.owner.send(method, path, body, headers), path)).toEqual([status, code]);
  });

  it.each([
    ['PUT', '/api/v1/clusters', 'GET, HEAD, POST'],
    ['GET', '/api/v1/validate', 'POST'],
    ['DELETE', '/api/v1/violations/vio_1', 'GET, HEAD'],
    ['POST', '/api/v1/clusters/cls_1', 'DELETE, GET, HEAD, PATCH'],
    ['GET', '/agent/v1/enroll', 'POST'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['OPTIONS', '/api/v1/runs/', 'GET, HEAD'],
  ])('of a method says which there are: %s %s', async (method, path, allowed) => {
    const answer = await platform.client().send(method, path);
    expect(refused(answer, path)).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.get('allow')).toBe(allowed);
  });

  it('of a body that is too large comes at the byte, and says the limit', async () => {
    const padded = (size: number): string => `{"specs":[${JSON.stringify(POD)}]}`.padEnd(size, ' ');
    expect((await platform.owner.post('/api/v1/validate', padded(16 * MEBIBYTE))).status).toBe(200);
    const large = await platform.owner.post('/api/v1/validate', padded(16 * MEBIBYTE + 1));
    expect(refused(large, '/api/v1/validate')).toEqual([413, 'body_too_large']);
    expect((large.body as { detail: string }).detail).toContain(String(16 * MEBIBYTE));
    const small = await platform.owner.post(
      '/api/v1/clusters',
      JSON.stringify({ name: 'a' }).padEnd(MEBIBYTE + 1, ' '),
    );
    expect(refused(small, '/api/v1/clusters')).toEqual([413, 'body_too_large']);
  });

  it('of a body without end comes in the middle of it, and the connection ends', async () => {
    for (const path of ['/api/v1/validate', '/api/v1/clusters', '/agent/v1/inventory', '/nowhere']) {
      const { status, sent } = await postWithoutEnd(path);
      expect([path, status, sent < 64 * MEBIBYTE]).toEqual([path, 413, true]);
    }
  });

  it('of a body whose length is said comes before any of it was sent', async () => {
    const { status, sent } = await postWithoutEnd('/api/v1/validate', { 'content-length': 500 * MEBIBYTE });
    expect([status, sent < 64 * MEBIBYTE]).toEqual([413, true]);
  });

  it('of a bomb comes before it is unpacked whole, whatever it is packed with', async () => {
    const bomb = Buffer.alloc(200 * MEBIBYTE, ' ');
    for (const [encoding, body] of [
      ['gzip', gzipSync(bomb, { level: 1 })],
      ['br', brotliCompressSync(bomb, { params: { 1: 1 } })],
    ] as const) {
      const response = await fetch(`${platform.url}/api/v1/validate`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${platform.owner.key}`,
          'content-type': 'application/json',
          'content-encoding': encoding,
        },
        body,
      });
      expect([encoding, response.status]).toEqual([encoding, 413]);
      expect(problemSchema.parse(await response.json()).code).toBe('body_too_large');
    }
  });

  it.each([
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['a path that is too long', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'headers_too_large'],
    ['no HTTP', 'EHLO bylaw\r\n\r\n', 400, 'bad_request'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'bad_request'],
  ])('of %s is a problem document, though no route was reached', async (_what, sent, status, code) => {
    const socket = connect(Number(new URL(platform.url).port), '127.0.0.1');
    socket.write(sent);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json');
    const document = problemSchema.parse(JSON.parse(body));
    expect([document.status, document.code]).toEqual([status, code]);
    expect(head).toContain(`X-Request-Id: ${document.request_id}`);
  });

  it('leaves nothing behind', async () => {
    expect((await platform.owner.get('/api/v1/clusters')).body).toEqual({ items: [], next_cursor: null });
    expect(({} as { x?: number }).x).toBeUndefined();
    expect((await platform.client().get('/readyz')).status).toBe(200);
  });
});
