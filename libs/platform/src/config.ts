import { resolve } from 'node:path';
import { z } from 'zod';

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 63');

const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  BYLAW_DATA_DIR: z.string().min(1).default('./.bylaw'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_DIRECT_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  BYLAW_DEMO: flag.default(false),
  BYLAW_INIT_API_KEY: z.string().optional(),
  BYLAW_INIT_ORG: slug.default('acme'),
  BYLAW_PUBLIC_URL: z.url().optional(),
  BYLAW_SECRET_KEY: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FORMAT: z.enum(['pretty', 'json']).optional(),
});

/** What the environment says, read once at start. */
export interface Config {
  /** TCP port; 0 takes any free one. */
  port: number;
  /** Absolute path of the folder for embedded Postgres, keys and caches. */
  dataDir: string;
  databaseUrl: string | undefined;
  databaseOwnerUrl: string | undefined;
  databaseDirectUrl: string | undefined;
  redisUrl: string | undefined;
  demo: boolean;
  initApiKey: string | undefined;
  initOrg: string;
  /** Without a slash at its end; undefined means `http://localhost:<port>` once the port is known. */
  publicUrl: string | undefined;
  /** 32 bytes as base64; undefined means a file in the data folder. */
  secretKey: string | undefined;
  logLevel: string;
  logFormat: 'pretty' | 'json';
}

/** The environment holds a value that can't be used; `message` names each variable and what it takes. */
export class ConfigError extends Error {}

/**
 * @param environment usually `process.env`; empty strings count as unset
 * @param terminal whether a person reads the log, which decides its default format
 * @throws ConfigError naming every variable that is not as it should be
 */
export function readConfig(environment: Record<string, string | undefined>, terminal: boolean): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const values = parsed.data;
  return {
    port: values.PORT,
    dataDir: resolve(values.BYLAW_DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    databaseOwnerUrl: values.DATABASE_OWNER_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL,
    redisUrl: values.REDIS_URL,
    demo: values.BYLAW_DEMO,
    initApiKey: values.BYLAW_INIT_API_KEY,
    initOrg: values.BYLAW_INIT_ORG,
    publicUrl: values.BYLAW_PUBLIC_URL?.replace(/\/+$/, ''),
    secretKey: values.BYLAW_SECRET_KEY,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT ?? (terminal ? 'pretty' : 'json'),
  };
}
