import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { XmlDocument } from 'libxml2-wasm';
import { VALIDATION_FORMATS, type ValidationFormat, type ValidationResult } from '#contracts';
import type { TestAnswer, TestClient } from '../support/test-client.js';
import { TestPlatform } from '../support/test-platform.js';

const aPod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
});
const FILES = {
  files: [
    { path: 'deploy/web.yaml', content: `# a comment\n---\n${JSON.stringify(aPod('web'), null, 2)}\n` },
    { path: 'deploy/broken.yaml', content: 'kind: [\n' },
  ],
};
const POSTED = '/api/v1/validate';

/** How each format begins, and what it is called. */
const SERVED: Record<ValidationFormat, [string, RegExp]> = {
  json: ['application/json', /^\{"id":"val_/],
  sarif: ['application/sarif+json', /^\{"\$schema":/],
  junit: ['application/xml', /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /],
  github: ['text/plain', /^::error file=deploy\/broken\.yaml,line=\d+,col=\d+,title=/],
  gitlab: ['application/json', /^\[\n {2}\{\n {4}"description": /],
  azure: ['text/plain', /^##vso\[task\.logissue type=error;sourcepath=deploy\/broken\.yaml;/],
  markdown: ['text/markdown', /^<!-- bylaw -->\n### /],
  tap: ['text/plain', /^TAP version 14\n1\.\.\d+\nnot ok 1 - /],
  text: ['text/plain', /^deploy\/web\.yaml\n {2}\d+:\d+ /],
};

describe('the format of a validation’s answer', () => {
  let platform: TestPlatform;
  let owner: TestClient;
  beforeAll(async () => {
    platform = await TestPlatform.start();
    ({ owner } = platform);
  });
  afterAll(() => platform.stop());

  const validate = (query: string, headers: Record<string, string> = {}, body: unknown = FILES): Promise<TestAnswer> =>
    owner.send('POST', `${POSTED}${query}`, body, headers);
  const textOf = ({ body }: TestAnswer): string => (typeof body === 'string' ? body : JSON.stringify(body));
  const typeOf = ({ headers }: TestAnswer): string | undefined => headers.get('content-type')?.split(';')[0];
  const runsOf = (body: unknown): unknown =>
    JSON.parse(JSON.stringify((body as { runs?: object[] }).runs ?? []).replaceAll(/val_\w+/g, ''));
  const problem = ({ status, body }: TestAnswer): [number, string] => [status, (body as { code: string }).code];
  const kept = async (): Promise<string> => ((await validate('')).body as ValidationResult).id;
  const keyWith = async (...scopes: string[]): Promise<TestClient> => {
    const { body } = await owner.post('/api/v1/api-keys', { name: scopes.join(' '), scopes });
    return platform.client((body as { key: string }).key);
  };

  it('shows nothing of another organization, in no format', async () => {
    const id = await kept();
    const stranger = await platform.stranger();
    for (const format of VALIDATION_FORMATS) {
      const answer = await stranger.get(`/api/v1/validations/${id}?format=${format}`);
      expect(problem(answer)).toEqual([404, 'not_found']);
      expect(typeOf(answer)).toBe('application/problem+json');
    }
  });

  it('needs the scope of the route, and no other for what policies say of themselves', async () => {
    const reader = await keyWith('read');
    expect(problem(await reader.post(`${POSTED}?format=sarif`, FILES))).toEqual([403, 'forbidden_scope']);
    const ci = await keyWith('validate');
    const answer = await ci.post(`${POSTED}?format=sarif`, FILES);
    const [run] = (answer.body as { runs: { tool: { driver: { rules: object[] } } }[] }).runs;
    expect(run?.tool.driver.rules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: 'no-latest-tag',
          fullDescription: { text: expect.stringContaining('Every image names the version that runs') },
          help: { text: expect.stringContaining('Name the version that you tested'), markdown: expect.any(String) },
        }),
      ]),
    );
  });

  it.each(VALIDATION_FORMATS)(
    'is %s by name, under its media type, of what is posted and of what was kept',
    async (format) => {
      const [mediaType, begins] = SERVED[format];
      const posted = await owner.post(`${POSTED}?format=${format}`, FILES);
      const again = await owner.get(`/api/v1/validations/${await kept()}?format=${format}`);
      for (const answer of [posted, again]) {
        expect([answer.status, typeOf(answer)]).toEqual([200, mediaType]);
        expect(answer.headers.get('content-type')).toMatch(/; charset=utf-8$/);
        if (format !== 'gitlab') expect(textOf(answer)).toMatch(begins);
      }
      // What is kept as JSON comes back as JSON: in any order.
      const withoutId = ({ body }: TestAnswer): unknown =>
        typeof body === 'string' ? body : { ...(body as object), id: '', runs: runsOf(body) };
      expect(withoutId(again)).toEqual(withoutId(posted));
    },
  );

  it.each<[string, string]>([
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/sarif+json', 'application/sarif+json'],
    ['application/xml', 'application/xml'],
    ['text/xml', 'application/xml'],
    ['text/markdown', 'text/markdown'],
    ['text/plain', 'text/plain'],
    ['text/*', 'application/xml'],
    ['text/markdown;q=0.5, application/sarif+json', 'application/sarif+json'],
    ['application/json, text/plain, */*', 'application/json'],
    ['image/png', 'application/json'],
    ['', 'application/json'],
    ['not a type', 'application/json'],
  ])('is what Accept asks for: %j', async (accept, expected) => {
    const answer = await validate('', { accept });
    expect([answer.status, typeOf(answer)]).toEqual([200, expected]);
    expect(answer.headers.get('vary')).toContain('Accept');
  });

  it('by name wins over Accept', async () => {
    expect(typeOf(await validate('?format=markdown', { accept: 'application/xml' }))).toBe('text/markdown');
    expect(typeOf(await validate('?format=json', { accept: 'application/xml' }))).toBe('application/json');
  });

  it.each([
    ['another', 'csv'],
    ['one that only the command line has', 'compact'],
    ['in capitals', 'SARIF'],
    ['none', ''],
    ['two', 'sarif&format=junit'],
    ['NUL', '%00'],
    ['a very long one', 'x'.repeat(5_000)],
  ])('that is not served is refused, with those that are: %s', async (_what, format) => {
    for (const answer of [
      await validate(`?format=${format}`),
      await owner.get(`/api/v1/validations/${await kept()}?format=${format}`),
    ]) {
      expect(problem(answer)).toEqual([400, 'invalid_filter']);
      expect(typeOf(answer)).toBe('application/problem+json');
      if (format === 'csv') for (const one of VALIDATION_FORMATS) expect(textOf(answer)).toContain(one);
    }
  });

  it('of a refusal is a problem document, whatever was asked for', async () => {
    for (const headers of [{ accept: 'application/xml' }, { accept: 'text/markdown' }]) {
      const answer = await validate('?format=junit', headers, { specs: [] });
      expect([typeOf(answer), ...problem(answer)]).toEqual(['application/problem+json', 400, 'no_specs']);
    }
  });

  it('carries what is posted as text, however it is called', async () => {
    const name = '::error::x\n##vso[a]b ]]> | `@everyone` <script>';
    const body = { files: [{ path: `${name}.yaml`, content: JSON.stringify(aPod('web')) }] };
    const commands = textOf(await validate('?format=github', {}, body)).split('\n');
    expect(
      commands.filter((line) => line !== '' && !/^::(?:error|warning|notice) file=%3A%3Aerror|^Bylaw: /.test(line)),
    ).toEqual([]);
    using report = XmlDocument.fromString(textOf(await validate('?format=junit', {}, body)));
    expect(report.find('/testsuites/testsuite/testcase/failure').length).toBeGreaterThan(5);
    const comment = textOf(await validate('?format=markdown', {}, body));
    expect(comment).not.toContain('<script>');
  });

  it('is each client’s own when many ask at once', async () => {
    const answers = await Promise.all(VALIDATION_FORMATS.map((format) => validate(`?format=${format}`)));
    expect(answers.map((answer) => typeOf(answer))).toEqual(VALIDATION_FORMATS.map((format) => SERVED[format][0]));
  });

  it('of hundreds of objects is as long as its consumer takes', async () => {
    const body = { specs: Array.from({ length: 300 }, (_, n) => aPod(`web-${n}`)) };
    const commands = textOf(await validate('?format=github', {}, body)).split('\n');
    expect(commands.filter((line) => line.startsWith('::error')).length).toBeLessThanOrEqual(10);
    expect(textOf(await validate('?format=markdown', {}, body)).length).toBeLessThan(65_536);
    const { runs } = (await validate('?format=sarif', {}, body)).body as { runs: { results: object[] }[] };
    expect(runs[0]?.results.length).toBeGreaterThan(2_000);
  });
});
