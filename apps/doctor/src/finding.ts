/** What is looked at, in the order in which it is told. */
export const CHECKS = [
  'configuration',
  'logins',
  'row-level security',
  'migrations',
  'queue',
  'clock',
  'keys',
  'disk',
  'api',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** `skipped`: it could not be looked at, for a reason that another finding tells. */
export type Status = 'ok' | 'warning' | 'failed' | 'skipped';

/** One thing that was looked at. */
export interface Finding {
  /** What of the check it is about: a login, a setting, a file. */
  subject: string;
  status: Status;
  found: string;
  /** What to do; always there where the status is `warning` or `failed`. */
  advice?: string;
}

/** @returns a finding that asks for nothing */
export function ok(subject: string, found: string): Finding {
  return { subject, status: 'ok', found };
}

/** @returns a finding that somebody should look after, though the platform works */
export function warning(subject: string, found: string, advice: string): Finding {
  return { subject, status: 'warning', found, advice };
}

/** @returns a finding with which the platform doesn't work, or isn't safe */
export function failed(subject: string, found: string, advice: string): Finding {
  return { subject, status: 'failed', found, advice };
}

/** @returns a finding that could not be made */
export function skipped(subject: string, why: string): Finding {
  return { subject, status: 'skipped', found: why };
}

const LISTED = 5;

/** @returns the first names of a list, and how many more there are */
export function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  return names.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** @returns a number with its noun, in singular or plural */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
