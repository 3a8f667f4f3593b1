import { Injectable } from '@nestjs/common';
import { join } from 'node:path';
import type { PolicyCase } from '#contracts';
import {
  caseOfFixture,
  type Fixture,
  readFixtures,
  readLibraryFolder,
  stockSourcesFolder,
  type PolicySource,
  type Sample,
} from '#engine';

/** What a built-in policy is made of. */
export interface LibraryPolicy {
  source: PolicySource;
  tests: string | undefined;
  cases: PolicyCase[];
}

interface Read {
  samples: Sample[];
  policies: ReadonlyMap<string, LibraryPolicy>;
}

/** Objects and sources of the built-in library, read when an author first asks for them. */
@Injectable()
export class LibrarySamples {
  private read: Promise<Read> | undefined;

  /** Every object that the library's fixtures hold: good, bad and awkward ones of every kind that it judges. */
  async all(): Promise<readonly Sample[]> {
    return (await this.load()).samples;
  }

  /**
   * @param slug of a built-in policy
   * @returns its Rego, tests and fixtures as they come with the platform
   */
  async policy(slug: string): Promise<LibraryPolicy> {
    const policy = (await this.load()).policies.get(slug);
    if (policy === undefined) throw new Error(`the library has no source of ${slug}`);
    return policy;
  }

  private load(): Promise<Read> {
    this.read ??= readLibrary();
    return this.read;
  }
}

async function readLibrary(): Promise<Read> {
  const folder = stockSourcesFolder();
  const { policies, tests } = await readLibraryFolder(folder);
  const made = policies.map(async (source): Promise<[string, LibraryPolicy, Fixture[]]> => {
    const fixtures = await readFixtures(join(folder, source.slug));
    const own = tests.find(({ slug }) => slug === source.slug);
    return [source.slug, { source, tests: own?.source, cases: fixtures.flatMap(caseOfFixture) }, fixtures];
  });
  const read = await Promise.all(made);
  const samples = read.flatMap(([, , fixtures]) =>
    fixtures.map(({ object }): Sample => ({ object, parameters: {}, related: {}, context: {} })),
  );
  return { samples, policies: new Map(read.map(([slug, policy]) => [slug, policy])) };
}
