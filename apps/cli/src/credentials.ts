import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject, type Json } from '#kernel';
import { CliError } from './cli-error.js';
import { configFolder } from './own-folders.js';

/** What the file holds. */
interface Kept {
  /** The server of commands that name none. */
  default?: string | undefined;
  /** By address. */
  servers: Record<string, { key: string }>;
}

const READABLE_BY_OTHERS = 0o077;

/** The servers and keys that `bylaw login` has kept, each key for its own server alone. */
export class Credentials {
  readonly file: string;

  /** @param environment of the process: where the file lies */
  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.file = join(configFolder(environment), 'credentials.json');
  }

  /**
   * @param server its address
   * @returns undefined where none is kept for it
   * @throws CliError 2 where the file can't be read, or can be by others
   */
  keyFor(server: string): string | undefined {
    const { servers } = this.read();
    const address = addressOf(server);
    return Object.hasOwn(servers, address) ? servers[address]?.key : undefined;
  }

  /** @throws as `keyFor` */
  defaultServer(): string | undefined {
    return this.read().default;
  }

  /** @returns addresses, in their order */
  servers(): string[] {
    return Object.keys(this.read().servers).sort();
  }

  /**
   * @param server its address
   * @param key an API key
   * @param asDefault whether commands that name no server go there; the first one they do
   * @throws CliError 2 where the file can't be written
   */
  keep(server: string, key: string, asDefault: boolean): void {
    const kept = this.read();
    const address = addressOf(server);
    const isDefault = asDefault || kept.default === undefined;
    this.write({
      ...kept,
      ...(isDefault && { default: address }),
      servers: { ...kept.servers, [address]: { key } },
    });
  }

  /**
   * @param server its address
   * @returns whether there was anything to forget
   * @throws as `keep`
   */
  forget(server: string): boolean {
    const { default: before, servers } = this.read();
    const address = addressOf(server);
    if (!Object.hasOwn(servers, address)) return false;
    const others = Object.fromEntries(Object.entries(servers).filter(([name]) => name !== address));
    this.write({ ...(before !== undefined && before !== address && { default: before }), servers: others });
    return true;
  }

  private read(): Kept {
    if (!existsSync(this.file)) return { servers: {} };
    const isWindows = process.platform === 'win32';
    if (!isWindows && (statSync(this.file).mode & READABLE_BY_OTHERS) !== 0)
      throw new CliError(`${this.file} can be read by others: chmod 600 '${this.file}', and make new keys`, 2);
    try {
      const kept = keptIn(JSON.parse(readFileSync(this.file, 'utf8')) as Json);
      if (kept !== undefined) return kept;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw new CliError(`${this.file}: ${(error as Error).message}`, 2);
    }
    throw new CliError(`${this.file} is not as \`bylaw login\` writes it; delete it and log in again`, 2);
  }

  /** Whole or not at all, through a link where it is one. */
  private write(kept: Kept): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      chmodSync(dirname(this.file), 0o700);
      const file = existsSync(this.file) ? realpathSync(this.file) : this.file;
      const part = `${file}.${randomBytes(6).toString('hex')}.part`;
      try {
        writeFileSync(part, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
        renameSync(part, file);
      } finally {
        rmSync(part, { force: true });
      }
    } catch (error) {
      throw new CliError(`${this.file}: ${(error as Error).message}`, 2);
    }
  }
}

/** By hand: a schema library takes as long to load as all else that a check needs. */
function keptIn(value: Json): Kept | undefined {
  if (!isJsonObject(value) || !isJsonObject(value['servers'])) return undefined;
  const { default: server, servers } = value;
  const keys = Object.values(servers).map((one) => (isJsonObject(one) ? one['key'] : undefined));
  if (!keys.every((key) => typeof key === 'string')) return undefined;
  if (server !== undefined && typeof server !== 'string') return undefined;
  return { default: server, servers: servers as Kept['servers'] };
}

/** One address for each way to write it: of `HTTPS://Bylaw.example.com:443/` as of `https://bylaw.example.com`. */
function addressOf(server: string): string {
  const { origin, pathname } = new URL(server);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}
