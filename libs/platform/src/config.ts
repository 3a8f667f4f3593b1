import { resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_RATES, RATE_CLASSES, type RateClass, type RateLimit, type RateSettings } from './rate-limits.rules.js';

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 63');

/** As Express takes them: a number of proxies, or whom to believe. */
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
const proxy = z.union([network, z.enum(['loopback', 'linklocal', 'uniquelocal'])]);
const proxies = z
  .string()
  .refine(
    (text) => /^\d{1,2}$/.test(text) || addressesOf(text).every((part) => proxy.safeParse(part).success),
    'how many proxies stand before it, or their addresses and networks, as in 10.0.0.0/8, fd00::/8',
  )
  .transform((text): number | string[] => (/^\d+$/.test(text) ? Number(text) : addressesOf(text)));

const networks = z
  .string()
  .refine(
    (text) => addressesOf(text).every((part) => network.safeParse(part).success),
    'addresses and networks, as in 10.1.0.0/16, fd00::/8',
  )
  .transform(addressesOf);

/** `organization/credential`; one number is for both. */
const rate = z
  .string()
  .regex(
    /^[1-9]\d{0,8}(?:\/[1-9]\d{0,8})?$/,
    'requests a minute, of an organization and of one credential, as in 6000/3000',
  )
  .transform((text): RateLimit => {
    const [organization, credential = organization] = text.split('/').map(Number);
    return { organization: organization ?? 0, credential: credential ?? 0 };
  });

const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  BYLAW_WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
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
  BYLAW_TRUST_PROXY: proxies.optional(),
  BYLAW_OUTBOUND_ALLOW: networks.optional(),
  BYLAW_RATE_VALIDATE_PER_MINUTE: rate.optional(),
  BYLAW_RATE_EXPORT_PER_MINUTE: rate.optional(),
  BYLAW_RATE_AUTHOR_PER_MINUTE: rate.optional(),
  BYLAW_RATE_AGENT_PER_MINUTE: rate.optional(),
  BYLAW_RATE_OTHER_PER_MINUTE: rate.optional(),
  BYLAW_RATE_BAD_CREDENTIALS_PER_MINUTE: z.coerce.number().int().min(1).default(DEFAULT_RATES.badCredentialsPerMinute),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FORMAT: z.enum(['pretty', 'json']).optional(),
});

/** Every variable that the platform reads. */
export const CONFIG_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape);

/** What the environment says, read once at start. */
export interface Config {
  /** TCP port; 0 takes any free one. */
  port: number;
  /** TCP port of a worker's health and figures; 0 takes any free one. */
  workerPort: number;
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
  /** How many proxies to believe the client's address from, or which; undefined: none. */
  trustProxy: number | string[] | undefined;
  /** Networks that URLs of tenants may lead to although they are private; none unless named. */
  outboundAllow: string[];
  rates: RateSettings;
  logLevel: string;
  logFormat: 'pretty' | 'json';
}

/** The environment holds a value that can't be used; `message` names each variable and what it takes. */
export class ConfigError extends Error {
  /** @param wrong each variable with what it takes, where several were looked at */
  constructor(
    message: string,
    options?: ErrorOptions,
    readonly wrong: readonly { variable: string; takes: string }[] = [],
  ) {
    super(message, options);
  }
}

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
    const wrong = parsed.error.issues.map(({ path, message }) => ({ variable: path.join('.'), takes: message }));
    throw new ConfigError(wrong.map(({ variable, takes }) => `${variable}: ${takes}`).join('\n'), {}, wrong);
  }
  const values = parsed.data;
  return {
    port: values.PORT,
    workerPort: values.BYLAW_WORKER_PORT,
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
    trustProxy: values.BYLAW_TRUST_PROXY,
    outboundAllow: values.BYLAW_OUTBOUND_ALLOW ?? [],
    rates: ratesOf(values),
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT ?? (terminal ? 'pretty' : 'json'),
  };
}

function addressesOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function ratesOf(values: z.infer<typeof environmentSchema>): RateSettings {
  const perMinute = Object.fromEntries(
    RATE_CLASSES.map((kind) => [
      kind,
      values[`BYLAW_RATE_${kind.toUpperCase() as Uppercase<RateClass>}_PER_MINUTE`] ?? DEFAULT_RATES.perMinute[kind],
    ]),
  ) as Record<RateClass, RateLimit>;
  return { perMinute, badCredentialsPerMinute: values.BYLAW_RATE_BAD_CREDENTIALS_PER_MINUTE };
}
