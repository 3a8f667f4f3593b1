import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { WorkerService } from '../../apps/worker/src/worker.service.js';
import { knownOperations } from '../support/known-operations.js';
import { livedIn, type LivedIn } from '../support/lived-in.js';
import { schemathesisIsInstalled, walkApi, type KnownOperation } from '../support/schemathesis.js';
import { TestPlatform } from '../support/test-platform.js';

/** The most that an installation can be told to take a minute. */
const ANY_NUMBER = 999_999_999;
const ANY = { organization: ANY_NUMBER, credential: ANY_NUMBER };
const SEED = 20_261_129;
/** About a minute on two cores. */
const EXAMPLES = 6;
const WITHIN_MS = 480_000;

const described = schemathesisIsInstalled() ? describe : describe.skip;

described('the served openapi.json', () => {
  let platform: TestPlatform;
  let there: LivedIn;
  beforeAll(async () => {
    platform = await TestPlatform.start({
      rates: {
        perMinute: { validate: ANY, export: ANY, author: ANY, agent: ANY, other: ANY },
        badCredentialsPerMinute: ANY_NUMBER,
      },
    });
    there = await livedIn(platform);
    platform.app.get(WorkerService).start();
  });
  afterAll(() => platform.stop());

  /** Operations that were done at least once, as the platform counted its answers. */
  const done = async (): Promise<string[]> => {
    const { body } = await platform.client().get('/metrics');
    const counted = String(body).matchAll(/_count\{method="([A-Z]+)",route="([^"]+)",status="2\d\d"/g);
    return [...counted].map(([, method, route]) => `${method} ${route}`);
  };
  /** As the platform counts it. */
  const nameOf = ({ method, path }: KnownOperation): string => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

  it(
    'says what each route takes and answers, whatever it is sent, and no route breaks',
    async () => {
      const document = (await platform.client().get('/openapi.json')).body as OpenAPIObject;
      const operations = await knownOperations(document, there);
      const report = await walkApi({
        url: `${platform.url}/openapi.json`,
        credentials: { bearer: platform.owner.key ?? '', agent: there.agent.credential },
        operations,
        examples: EXAMPLES,
        seed: SEED,
      });
      if (report.failures > 0) throw new Error(report.text);
      expect(report.tested).toBe(operations.length);
      // A walk that ends at refusals has seen nothing.
      const reached = await done();
      expect(operations.map(nameOf).filter((name) => !reached.includes(name))).toEqual([]);
    },
    WITHIN_MS,
  );
});
