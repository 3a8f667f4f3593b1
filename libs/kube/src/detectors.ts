import type { Detector } from './masked.js';

/**
 * What a secret looks like, whatever its name. Every repetition is bounded or begins only where no match could have begun
 * before it, so that the time is linear in the text.
 */
const CONTENT_PATTERNS: readonly (readonly [Detector, RegExp])[] = [
  [
    'private-key',
    /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----END))*(?:-----END [A-Z0-9 ]{1,60}-----)?/g,
  ],
  ['aws-access-key', /(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])/g],
  ['github-token', /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/g],
  ['gitlab-token', /(?<![A-Za-z0-9_-])gl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,}/g],
  [
    'slack-token',
    /(?<![A-Za-z0-9_-])xox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/[A-Za-z0-9]+\/[A-Za-z0-9]+\/[A-Za-z0-9]+/g,
  ],
  ['jwt', /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{10,}/g],
  [
    'url-password',
    /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s/:@'"<>{}$]{0,100}:[^\s/@'"<>{}$]{1,200}@/g,
  ],
];

const SECRET_WORD =
  /pass(?:word|wd|phrase)|secret|token|credential|api[_.-]?key|access[_.-]?key|private[_.-]?key|signing[_.-]?key|encryption[_.-]?key|requirepass|masterauth|(?:^|[^a-z])(?:pwd|pass)(?:$|[^a-z])/;

/** Last words of names that speak about a secret without holding it. */
const ABOUT_LAST: ReadonlySet<string> = new Set(
  `file path dir directory name ref url uri endpoint host port user username ttl timeout expiry expiration lifetime seconds
  minutes hours days length size min max policy enabled enable disabled type algorithm issuer audience header mode count
  interval mount volume provider kind version method scope scopes required rotation prefix suffix format id key_id yaml yml
  json conf cfg ini properties sh txt toml xml html md crt cert label labels selector namespace template limit refresh
  renew duration age usage quota`.split(/\s+/),
);
const ABOUT_FIRST: ReadonlySet<string> = new Set(
  'allow disable enable require use has is no skip min max generate'.split(' '),
);

/**
 * @param name of an environment variable, a flag, or a key of a ConfigMap
 * @returns whether its value is a secret by that name: `DB_PASSWORD`, `apiKey`, `--auth-token`; not `TOKEN_FILE`
 */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (!SECRET_WORD.test(words.join('_'))) return false;
  if (words.join('_').endsWith('secret_id')) return true;
  return !ABOUT_LAST.has(words.at(-1) ?? '') && !ABOUT_FIRST.has(words[0] ?? '');
}

const NO_SECRET =
  /^(?:|true|false|yes|no|on|off|none|null|[0-9]{1,4}|[$`].*|\$?\{\{.*|\.{0,2}\/[\w./-]*|<[^>]*>|(?:file|vault|ref\+\w+|arn):.*)$/is;

/** @returns whether a value under a secret's name can't be one: empty, a switch, a path, a reference to elsewhere */
export function isHarmlessValue(value: string): boolean {
  return NO_SECRET.test(value.trim());
}

/** A secret within a text. */
export interface Finding {
  detector: Detector;
  /** The secret itself, in the clear. */
  plain: string;
}

/**
 * @param text any text
 * @returns what looks like a secret in it, by content alone
 */
export function secretsInText(text: string): Finding[] {
  return CONTENT_PATTERNS.flatMap(([detector, pattern]) =>
    [...text.matchAll(pattern)].map(([plain]): Finding => ({ detector, plain })),
  );
}

/**
 * @param text any text
 * @returns the text with what looks like a secret replaced by `[masked: detector]`
 */
export function withoutSecrets(text: string): string {
  return CONTENT_PATTERNS.reduce((rest, [detector, pattern]) => rest.replace(pattern, `[masked: ${detector}]`), text);
}

/** `--password=x`, `PGPASSWORD=x psql`, within a shell script too. */
const ASSIGNMENT = /(?:^|[\s;&|'"(])-{0,2}([A-Za-z_][\w.-]{0,80})=("[^"\n]*"|'[^'\n]*'|[^\s;&|'"]+)/g;
const FLAG = /^--?([A-Za-z][\w.-]{0,80})$/;

/**
 * @param item one of `command` or `args`
 * @param before the item before it
 * @returns secrets given by name: `--password=x`, or `x` after `--password`
 */
export function secretsInArgument(item: string, before: string | undefined): Finding[] {
  const flag = before === undefined ? null : FLAG.exec(before);
  if (flag && !item.startsWith('-') && isSecretName(flag[1] ?? '') && !isHarmlessValue(item)) {
    return [{ detector: 'secret-flag', plain: item }];
  }
  const findings: Finding[] = [];
  for (const [, name = '', value = ''] of item.matchAll(ASSIGNMENT)) {
    const plain = value.replace(/^(["'])(.*)\1$/s, '$2');
    if (isSecretName(name) && !isHarmlessValue(plain)) findings.push({ detector: 'secret-flag', plain });
  }
  return findings;
}

const LONG_SECRET = 12;

/** @returns whether a text is too odd to be anything but a secret, so that copies of it are removed anywhere */
export function isUnmistakable(text: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((pattern) => pattern.test(text)).length;
  return text.length >= LONG_SECRET && classes >= 3;
}
