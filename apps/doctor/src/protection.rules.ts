import type { DefinerFacts, TableFacts } from '#platform';
import { counted, failed, listed, ok, type Finding } from './finding.js';

/** The policy of `app.protect`: the row's organization is the transaction's, for reading and writing, whoever it is. */
const POLICY = /^\* (\(org_id = \( SELECT (?:app\.)?org\(\) AS org\)\)) \1$/;
/** Written once and never again (T3). */
const APPEND_ONLY = 'app.audit_log';
/** Said wherever rights are not as they should be: every start sets them. */
const GRANTED_AT_START =
  'Restart the API: it grants anew at each start. What is left then was granted to everybody, or by another than the owner: revoke it.';

/** @param tables of `app` and `hist`, partitions too */
export function judgeTables(tables: readonly TableFacts[]): Finding {
  const subject = 'tables';
  const tenants = tables.filter(({ schema }) => schema !== 'directory');
  const bare = tenants.filter((table) => !isProtected(table));
  if (bare.length === 0)
    return ok(subject, `${counted(tenants.length, 'table')} under forced row-level security, each with its one policy`);
  const found = `not protected: ${listed(bare.map((table) => `${table.name} (${lackOf(table)})`))}`;
  const { name, policies } = bare[0] ?? { name: '', policies: [] };
  const sql =
    policies.length === 0
      ? `call app.protect('${name}')`
      : policies.every((policy) => POLICY.test(policy)) && policies.length === 1
        ? `alter table ${name} enable row level security, force row level security`
        : `drop the policies of ${name} and call app.protect('${name}')`;
  return failed(subject, found, `Stop the API and the workers, and as the owner, for each: ${sql}.`);
}

/** @param tables with the rights of the application's login */
export function judgeRights(tables: readonly TableFacts[]): Finding {
  const subject = 'rights';
  const more = tables.flatMap(({ name, rights, ...table }) => {
    const beyond = rights.filter((right) => !rightsOn({ name, ...table }).includes(right));
    return beyond.length === 0 ? [] : [`${beyond.join(', ')} on ${name}`];
  });
  if (more.length > 0) return failed(subject, `the application may do too much: ${listed(more)}`, GRANTED_AT_START);
  const less = tables.flatMap(({ name, rights, ...table }) => {
    const lacking = rightsOn({ name, ...table }).filter((right) => !rights.includes(right));
    return lacking.length === 0 ? [] : [`${lacking.join(', ')} on ${name}`];
  });
  if (less.length > 0) return failed(subject, `the application may not do enough: ${listed(less)}`, GRANTED_AT_START);
  return ok(subject, 'history and audit log can’t be changed, partitions and the directory are out of reach');
}

/** @param definers functions that see more than their caller */
export function judgeDefiners(definers: readonly DefinerFacts[]): Finding {
  const subject = 'functions';
  const open = definers.filter((definer) => definer.public || !definer.closed);
  if (open.length === 0)
    return ok(subject, `${counted(definers.length, 'function')} with the owner’s rights, none open to others`);
  return failed(
    subject,
    `with the owner’s rights, and open to others: ${listed(open.map(({ name }) => name))}`,
    "As the owner, for each: revoke execute … from public, and alter function … set search_path = ''.",
  );
}

/**
 * @param shown tables that show rows though no organization is meant
 * @param looked how many were looked into
 */
export function judgeShown(shown: readonly string[], looked: number): Finding {
  const subject = 'without organization';
  if (shown.length === 0) return ok(subject, `${counted(looked, 'table')} looked into, none shows a row`);
  return failed(
    subject,
    `rows are shown to nobody in particular: ${listed(shown)}`,
    'Stop the API and the workers. See to the login and the tables above; a setting bylaw.org_id of the login or the database also does this: reset it.',
  );
}

function isProtected({ enabled, forced, policies }: TableFacts): boolean {
  return enabled && forced && policies.length === 1 && POLICY.test(policies[0] ?? '');
}

function lackOf({ enabled, forced, policies }: TableFacts): string {
  if (!enabled) return 'off';
  if (!forced) return 'not for the owner';
  if (policies.length === 0) return 'no policy';
  return policies.length > 1 ? `${policies.length} policies` : 'another policy';
}

function rightsOn({ name, schema, partition }: Pick<TableFacts, 'name' | 'schema' | 'partition'>): string[] {
  if (partition || schema === 'directory') return [];
  if (schema === 'hist' || name === APPEND_ONLY) return ['SELECT', 'INSERT'];
  return ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
}
