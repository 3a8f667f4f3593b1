import { createRequire } from 'node:module';

/** Version of the platform, as package.json says it; the same in every process and in the compiled library. */
export const VERSION = (createRequire(import.meta.url)('../../../../package.json') as { version: string }).version;
