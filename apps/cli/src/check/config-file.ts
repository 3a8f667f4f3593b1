import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const CONFIG_FILE = 'bylaw.yaml';

/**
 * Looks for `bylaw.yaml` from a folder upwards, as far as the repository goes.
 * @param folder absolute
 */
export function findConfig(folder: string): string | undefined {
  const file = join(folder, CONFIG_FILE);
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder || existsSync(join(folder, '.git')) ? undefined : findConfig(parent);
}
