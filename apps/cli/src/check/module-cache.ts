import { join } from 'node:path';
import type { LocalModule } from './local-engines.js';
import { cutLine, SealedFiles } from './sealed-files.js';

/** What is kept at most, in bytes. */
const KEPT_MOST = 200_000_000;

/** Compiled modules in files, by what they were made of. */
export class ModuleCache {
  private readonly files: SealedFiles;

  /**
   * @param cacheFolder made where there is none
   * @param most bytes of all files
   */
  constructor(cacheFolder: string, most = KEPT_MOST) {
    this.files = new SealedFiles(join(cacheFolder, 'modules'), 'module', most);
  }

  /**
   * @param key SHA-256, in hexadecimal, of all that the module is made of
   * @param make makes it where it is not there
   * @throws as `make`
   */
  async getOrMake(key: string, make: () => Promise<LocalModule>): Promise<LocalModule> {
    const kept = await this.get(key);
    if (kept !== undefined) return kept;
    const made = await make();
    // Somebody who has no room for it has got what he asked for.
    const { policies, wasm } = made;
    await this.files.keep(key, Buffer.concat([Buffer.from(`${JSON.stringify(policies)}\n`), wasm]));
    return made;
  }

  private async get(key: string): Promise<LocalModule | undefined> {
    const content = await this.files.read(key);
    if (content === undefined) return undefined;
    const [policies, wasm] = cutLine(content);
    return { policies: JSON.parse(policies) as LocalModule['policies'], wasm };
  }
}
