import { join } from 'node:path';
import { canonicalJson, sha256Hex } from '#kernel';
import { type Bundle, type BundleModule, type BundleRequest, bundleSchema } from '#contracts';
import { ENGINE_ABI, loadStockLibrary } from '#engine';
import { isWhole } from '#judging';
import { CliError } from '../cli-error.js';
import { causeOf, refusalOf } from '../server.js';
import type { KeptBundle } from './local-rules.js';
import { SealedFiles } from './sealed-files.js';
import type { ServerSettings } from './settings.js';

/** What is kept at most, in bytes. */
const KEPT_MOST = 200_000_000;
const ANSWER_WITHIN_MS = 60_000;

/** What a platform would judge by, kept for when it is away (E10). */
export class KeptBundles {
  private readonly files: SealedFiles;
  /** That of this package, as a rule the platform's too. */
  private library: ReturnType<typeof loadStockLibrary> | undefined;

  /**
   * @param cacheFolder made where there is none
   * @param server whose
   */
  constructor(
    cacheFolder: string,
    private readonly server: Pick<ServerSettings, 'url' | 'key'>,
  ) {
    this.files = new SealedFiles(join(cacheFolder, 'bundles'), 'bundle', KEPT_MOST);
  }

  /**
   * Asks the platform for its rules, and keeps them with what judges by them.
   * @param about where what is judged comes from
   * @throws CliError 2 where that can't be had or kept
   */
  async renew(about: BundleRequest): Promise<void> {
    const response = await this.ask('/api/v1/validate/bundle', { method: 'POST', body: JSON.stringify(about) });
    const bundle = wholeBundle(await response.json());
    if (bundle === undefined) throw new CliError(`${this.server.url}: its rules did not come whole`, 2);
    if (bundle.engine_abi !== ENGINE_ABI)
      throw new CliError(`${this.server.url} is of another release than this package, and can’t be stood in for`, 2);
    for (const module of bundle.modules) if ((await this.bytesOf(module)) === undefined) await this.fetchModule(module);
    await this.keep(this.keyOf(about), Buffer.from(JSON.stringify(bundle)));
  }

  /**
   * @param about where what is judged comes from
   * @returns what was had last for it; undefined where there is nothing that can be judged by
   */
  async last(about: BundleRequest): Promise<KeptBundle | undefined> {
    const text = await this.files.read(this.keyOf(about));
    const bundle = text && wholeBundle(JSON.parse(text.toString('utf8')));
    if (bundle?.engine_abi !== ENGINE_ABI) return undefined;
    const modules = new Map<string, Uint8Array>();
    for (const module of bundle.modules) {
      const bytes = await this.bytesOf(module);
      if (bytes === undefined) return undefined;
      modules.set(module.key, bytes);
    }
    return { bundle, modules };
  }

  private async bytesOf({ sha256 }: BundleModule): Promise<Uint8Array | undefined> {
    const { manifest, wasm } = await (this.library ??= loadStockLibrary());
    return manifest.digest === sha256 ? wasm : this.files.read(sha256);
  }

  private async fetchModule({ key, sha256 }: BundleModule): Promise<void> {
    const response = await this.ask(`/api/v1/validate/modules/${key}`, {});
    const bytes = Buffer.from(await response.arrayBuffer());
    if (sha256Hex(bytes) !== sha256) throw new CliError(`${this.server.url}: a module did not come whole`, 2);
    await this.keep(sha256, bytes);
  }

  private async keep(key: string, content: Uint8Array): Promise<void> {
    if (!(await this.files.keep(key, content)))
      throw new CliError('its rules could not be kept: name a folder by BYLAW_CACHE_DIR that only you can write', 2);
  }

  private async ask(path: string, request: RequestInit): Promise<Response> {
    const { url, key } = this.server;
    let response: Response;
    try {
      // A key is sent to the server that was named, and to no other.
      response = await fetch(`${url}${path}`, {
        ...request,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      });
    } catch (error) {
      throw new CliError(`no answer from ${url}: ${causeOf(error)}`, 2);
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  private keyOf(about: BundleRequest): string {
    return sha256Hex(canonicalJson([this.server.url, about]));
  }
}

function wholeBundle(value: unknown): Bundle | undefined {
  const { data } = bundleSchema.safeParse(value);
  return data !== undefined && isWhole(data) ? data : undefined;
}
