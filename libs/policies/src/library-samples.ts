import { Injectable } from '@nestjs/common';
import { join } from 'node:path';
import { readFixtures, readLibraryFolder, stockSourcesFolder, type PolicySource, type Sample } from '#engine';

/** Objects and sources of the built-in library, read when an author first asks for them. */
@Injectable()
export class LibrarySamples {
  private read: Promise<{ samples: Sample[]; sources: Map<string, PolicySource> }> | undefined;

  /** Every object that the library's fixtures hold: good, bad and awkward ones of every kind that it judges. */
  async all(): Promise<readonly Sample[]> {
    return (await this.load()).samples;
  }

  /**
   * @param slug of a built-in policy
   * @returns its Rego as it comes with the platform
   */
  async source(slug: string): Promise<PolicySource> {
    const source = (await this.load()).sources.get(slug);
    if (source === undefined) throw new Error(`the library has no source of ${slug}`);
    return source;
  }

  private load(): Promise<{ samples: Sample[]; sources: Map<string, PolicySource> }> {
    this.read ??= readLibrary();
    return this.read;
  }
}

async function readLibrary(): Promise<{ samples: Sample[]; sources: Map<string, PolicySource> }> {
  const folder = stockSourcesFolder();
  const { policies } = await readLibraryFolder(folder);
  const fixtures = await Promise.all(policies.map(({ slug }) => readFixtures(join(folder, slug))));
  const samples = fixtures.flat().map(({ object }): Sample => ({ object, parameters: {}, related: {}, context: {} }));
  return { samples, sources: new Map(policies.map((policy) => [policy.slug, policy])) };
}
