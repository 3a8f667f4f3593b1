import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigError } from '#platform';

/** A folder of manifests that stands for a cluster. */
export interface ManifestSource {
  name: string;
  folder: URL;
}

const NAME_MAX = 100;

/**
 * @param argv what follows `npm start --`
 * @returns the folders of `--manifests`, each with the name of its cluster
 * @throws ConfigError for what is no such option, no folder, or a name given twice
 */
export function parseStartArguments(argv: string[]): { manifests: ManifestSource[] } {
  let folders: string[];
  try {
    folders =
      parseArgs({ args: argv, options: { manifests: { type: 'string', multiple: true } } }).values.manifests ?? [];
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}\nUsage: npm start -- [--manifests DIR]…`, { cause: error });
  }
  const manifests = folders.map((given): ManifestSource => {
    const folder = resolve(given);
    if (!existsSync(folder) || !statSync(folder).isDirectory())
      throw new ConfigError(`--manifests ${given}: there is no such folder`);
    return { name: clusterName(basename(folder)), folder: pathToFileURL(folder) };
  });
  const names = manifests.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ConfigError(`--manifests: two folders are called "${twice}"; a cluster is named after its folder`);
  return { manifests };
}

function clusterName(folder: string): string {
  const plain = folder.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const name = plain.slice(0, NAME_MAX).replace(/[^A-Za-z0-9]+$/, '');
  return name === '' ? 'manifests' : name;
}
