import { createHmac } from 'node:crypto';
import { describe, it, expect } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonObject } from '#kernel';
import { isSecretName } from './detectors.js';
import { normalise } from './normalise.js';

const KEY = Buffer.from('a key that stays in the cluster');
const masked = (object: JsonObject) => {
  const result = normalise(object, { hmacKey: KEY });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return { object: result.object, text: JSON.stringify(result.object), masked: result.attributes.masked };
};
const configMap = (data: Record<string, string>, annotations: Record<string, string> = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', annotations: { note: 'x', ...annotations } },
  data,
});
const pod = (container: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', ...metadata },
  spec: { containers: [{ name: 'c', image: 'postgres:16', ...container }] },
});
const hmac = (value: string | Buffer): string => createHmac('sha256', KEY).update(value).digest('hex');

const TOKENS: [string, string][] = [
  ['private-key', `-----BEGIN RSA PRIVATE KEY-----\nMIIEow${'A'.repeat(40)}\n-----END RSA PRIVATE KEY-----`],
  ['private-key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA'],
  ['aws-access-key', 'AKIAIOSFODNN7EXAMPLE'],
  ['github-token', `ghp_${'a1B2'.repeat(9)}`],
  ['github-token', `github_pat_${'a1B2_'.repeat(14)}`],
  ['gitlab-token', 'glpat-abcDEF123456_7890-xyz'],
  ['slack-token', ['xoxb', '123456789012', 'abcdefABCDEF'].join('-')],
  ['slack-token', 'https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXX'],
  ['jwt', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N'],
  ['url-password', 'postgres://shop:s3cret@db.example.com/shop'],
  ['url-password', 'redis://:s3cret@cache'],
];

describe('masking', () => {
  it('takes every value out of a Secret and leaves its keys', () => {
    const { object, masked: found } = masked({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'a',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"p":"aGk="}}' },
      },
      type: 'Opaque',
      data: { p: 'aGk=' },
      stringData: { q: 'plain' },
    });
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      type: 'Opaque',
      data: { p: { $masked: 'secret' } },
      stringData: { q: { $masked: 'secret' } },
    });
    expect(found).toEqual([
      { path: 'data.p', detector: 'secret', hmac: hmac('hi') },
      { path: 'stringData.q', detector: 'secret', hmac: hmac('plain') },
    ]);
  });

  it('makes no HMAC without a key', () => {
    const result = normalise(configMap({ password: 'hunter2' }));
    expect(result.ok && result.attributes.masked).toEqual([{ path: 'data.password', detector: 'secret-name' }]);
  });

  it.each(TOKENS)(
    'finds a %s in a ConfigMap, in the environment, in arguments and in annotations',
    (detector, token) => {
      const config = masked(
        configMap({ 'app.conf': `listen 80\nkey: ${token}\n`, other: 'fine' }, { 'example.com/note': token }),
      );
      expect(config.masked.map((mask) => [mask.path, mask.detector])).toEqual([
        ['metadata.annotations["example.com/note"]', detector],
        ['data["app.conf"]', detector],
      ]);
      expect(config.object['data']).toEqual({ 'app.conf': { $masked: detector }, other: 'fine' });
      const container = masked(pod({ env: [{ name: 'A', value: token }], args: ['-c', `curl ${token}`] }));
      expect(container.masked.map((mask) => mask.detector)).toEqual([detector, detector]);
      expect(config.text + container.text).not.toContain(token.split('\n').at(-1));
    },
  );

  it.each(TOKENS)('replaces a %s in any other text, and the text stays a text', (detector, token) => {
    const { object } = masked({
      apiVersion: 'x.io/v1',
      kind: 'Thing',
      metadata: { name: 'a' },
      spec: { list: [{ deep: `a ${token}` }] },
    });
    expect(JSON.stringify(object)).toContain(`[masked: ${detector}]`);
    expect(JSON.stringify(object)).not.toContain(JSON.stringify(token).slice(1, -1));
  });

  it.each([
    [
      'env',
      pod({ env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }),
      'spec.containers[0].env[0].value',
      'secret-name',
    ],
    ['flag', pod({ args: ['--password=hunter2'] }), 'spec.containers[0].args[0]', 'secret-flag'],
    ['flag and value', pod({ args: ['--requirepass', 'hunter2'] }), 'spec.containers[0].args[1]', 'secret-flag'],
    [
      'shell',
      pod({ command: ['sh', '-c', 'export PGPASSWORD="hunter2"; psql'] }),
      'spec.containers[0].command[2]',
      'secret-flag',
    ],
    [
      'hook',
      pod({ lifecycle: { preStop: { exec: { command: ['x', '--token=hunter2'] } } } }),
      'spec.containers[0].lifecycle.preStop.exec.command[1]',
      'secret-flag',
    ],
    ['ConfigMap', configMap({ 'db.password': 'hunter2' }), 'data["db.password"]', 'secret-name'],
    [
      'header',
      pod({ livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: 'X-Auth-Token', value: 'hunter2' }] } } }),
      'spec.containers[0].livenessProbe.httpGet.httpHeaders[0].value',
      'secret-name',
    ],
  ] as [string, JsonObject, string, string][])(
    'knows a secret by the name of its %s',
    (_what, object, path, detector) => {
      const { masked: found, text } = masked(object);
      expect(found).toMatchObject([{ path, detector }]);
      expect(text).not.toContain('hunter2');
    },
  );

  it.each([
    ['PASSWORD', true],
    ['MYSQL_ROOT_PASSWORD', true],
    ['apiKey', true],
    ['DBPASSWD', true],
    ['AWS_SECRET_ACCESS_KEY', true],
    ['GITHUB_TOKEN', true],
    ['vault_secret_id', true],
    ['CLIENT_SECRET', true],
    ['DB_PASS', true],
    ['signing-key', true],
    ['PASSWORD_FILE', false],
    ['TOKEN_TTL', false],
    ['SECRET_NAME', false],
    ['ALLOW_EMPTY_PASSWORD', false],
    ['PUB_KEY', false],
    ['AWS_ACCESS_KEY_ID', false],
    ['USER', false],
    ['COMPASS', false],
    ['BYPASS', false],
    ['token-path', false],
    ['KEYBOARD', false],
  ])('says of the name %s whether it is a secret’s: %s', (name, expected) => {
    expect(isSecretName(name)).toBe(expected);
  });

  it.each([
    '',
    'true',
    '/run/secrets/db',
    '$(DB_PASSWORD)',
    '${DB_PASSWORD}',
    'file:/x',
    '<change-me>',
    '3600',
    'vault:secret/db#pw',
  ])('leaves %j alone under a secret’s name', (value) => {
    expect(masked(pod({ env: [{ name: 'PASSWORD', value }] })).masked).toEqual([]);
  });

  it.each([
    pod({ args: ['--token-file=/x', '--password', '--verbose', '--secret-name=x', '--tls-private-key-file=/k'] }),
    pod({ command: ['sh', '-c', 'TOKEN=$(cat /x) PASSWORD="$1" run'] }),
    pod({
      env: [
        { name: 'A', value: 'http://user@host/path:8080' },
        { name: 'B', value: 'http://u:$(PW)@h http://u:<pw>@h' },
      ],
    }),
    configMap({ cert: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' }),
    pod({}, { labels: { token: 'abc' } }),
  ])('masks nothing where there is nothing (%#)', (object) => {
    expect(masked(object).masked).toEqual([]);
  });

  it('removes copies of a masked value from texts, and from anywhere if it can be nothing else', () => {
    const strong = 'Zx9$kQ2-vBn7pLm';
    const { object, text } = masked(
      pod(
        {
          env: [
            { name: 'PASSWORD', value: strong },
            { name: 'DSN', value: `host=db pw=${strong}` },
          ],
          workingDir: `/x/${strong}`,
        },
        { annotations: { note: `try ${strong}` } },
      ),
    );
    expect(text).not.toContain(strong);
    expect(object).toMatchObject({ metadata: { annotations: { note: { $masked: 'secret-name' } } } });
    expect(text).toContain('/x/[masked: secret-name]');
  });

  it('does not take a word for a copy: a password "postgres" leaves the image alone', () => {
    const { object } = masked(
      pod({
        env: [
          { name: 'PASSWORD', value: 'postgres' },
          { name: 'USER', value: 'pg' },
        ],
      }),
    );
    expect(object).toMatchObject({
      spec: { containers: [{ image: 'postgres:16', env: [{ value: { $masked: 'secret-name' } }, { value: 'pg' }] }] },
    });
  });

  it('never leaves a strong secret in an object, wherever it stands', () => {
    const strong = fc
      .tuple(fc.stringMatching(/^[a-z]{4}$/), fc.stringMatching(/^[A-Z]{4}$/), fc.stringMatching(/^[0-9]{4}$/))
      .map((parts) => parts.join('-'));
    fc.assert(
      fc.property(strong, fc.string(), (secret, around) => {
        const container = {
          workingDir: around + secret,
          args: [secret, `${around}${secret}`],
          env: [{ name: 'API_TOKEN', value: secret }],
        };
        const metadata = { annotations: { a: secret + around }, labels: { l: secret } };
        expect(masked(pod(container, metadata)).text).not.toContain(secret);
      }),
    );
  });
});
