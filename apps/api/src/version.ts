import { createRequire } from 'node:module';

/** Version of the platform, as package.json says it. */
export const VERSION = (createRequire(import.meta.url)('../../../../package.json') as { version: string }).version;
