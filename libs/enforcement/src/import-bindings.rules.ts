import { isJsonObject, type JsonObject, unstorableAt } from '#kernel';
import { type GatekeeperExclusions, NOTHING_EXCLUDED, readExclusions } from './gatekeeper-config.rules.js';
import { convertConstraint } from './gatekeeper-constraint.rules.js';
import type { ConvertedBindings } from './import-conversion.js';
import { cataloguedAs, convertWeavePolicy } from './weave-binding.rules.js';
import { readPolicyConfig, type WeaveConfig, whyRefused } from './weave-policy-config.rules.js';
import { isMember, readPolicySet, type WeavePolicySet } from './weave-policy-set.rules.js';

/** A document of another engine that says where policies apply, when, or with which parameters. */
export interface ForeignBinding {
  from: 'gatekeeper-constraint' | 'gatekeeper-config' | 'weave-policy' | 'weave-policy-set' | 'weave-policy-config';
  object: JsonObject;
  /** The file, where it came in one. */
  path?: string;
}

/** A set of policies that a document makes. */
export interface ConvertedSet {
  /** Import key. */
  key: string;
  title: string;
  /** Import keys of its policies. */
  policies: string[];
}

/** What a document comes to. */
export type ConvertedDocument =
  | ({ as: 'bindings' } & ConvertedBindings)
  | ({ as: 'set'; notes: string[] } & ConvertedSet)
  /** What it says is in the bindings of others. */
  | { as: 'heard'; notes: string[] }
  | { as: 'skipped'; reason: string };

type Outcome = ConvertedDocument | undefined;
const REPLACED: ConvertedDocument = { as: 'skipped', reason: 'a later document of this kind and name takes its place' };

/**
 * Says by bindings what documents of other engines say of where their policies apply: each by itself, and by what the
 * others leave out, choose and set for it.
 * @param documents of one import; of two of one kind and name the later counts, but constraints in different files are two
 * @returns one for each document, in their order
 */
export function convertBindings(documents: readonly ForeignBinding[]): ConvertedDocument[] {
  const outcomes = documents.map(({ object, path = '' }): Outcome =>
    unstorableAt([object, path]) === undefined
      ? undefined
      : { as: 'skipped', reason: 'it holds a text that can’t be kept' },
  );
  replaceEarlier(documents, outcomes);
  const exclusions = exclusionsOf(documents, outcomes);
  const sets = setsOf(documents, outcomes);
  const configs = configsOf(documents, outcomes);
  const later = new Set(laterConstraints(documents));
  return documents.map((document, index): ConvertedDocument => {
    const known = outcomes[index];
    if (known !== undefined) return known;
    const path = later.has(index) ? (document.path ?? '') : undefined;
    const converted =
      document.from === 'gatekeeper-constraint'
        ? convertConstraint(document.object, exclusions, path)
        : convertWeavePolicy(document.object, sets, configs);
    return 'skipped' in converted ? { as: 'skipped', reason: converted.skipped } : { as: 'bindings', ...converted };
  });
}

function nameOf({ from, object }: ForeignBinding): string {
  const { metadata, kind } = object;
  return JSON.stringify([from, kind, isJsonObject(metadata) ? metadata['name'] : null]);
}

function replaceEarlier(documents: readonly ForeignBinding[], outcomes: Outcome[]): void {
  const last = new Map<string, number>();
  for (const [index, document] of documents.entries()) {
    const apart = document.from === 'gatekeeper-constraint' ? (document.path ?? '') : '';
    const key = `${nameOf(document)} ${apart}`;
    const earlier = last.get(key);
    if (earlier !== undefined) outcomes[earlier] = REPLACED;
    last.set(key, index);
  }
}

/** Of constraints of one kind and name the one in the first file, by its name, goes without: the others have theirs in their key. */
function laterConstraints(documents: readonly ForeignBinding[]): number[] {
  const first = new Map<string, string>();
  const constraints = [...documents.entries()].filter(([, { from }]) => from === 'gatekeeper-constraint');
  for (const [, document] of constraints) {
    const path = document.path ?? '';
    const known = first.get(nameOf(document));
    if (known === undefined || path < known) first.set(nameOf(document), path);
  }
  return constraints.flatMap(([index, document]) =>
    first.get(nameOf(document)) === (document.path ?? '') ? [] : [index],
  );
}

function exclusionsOf(documents: readonly ForeignBinding[], outcomes: Outcome[]): GatekeeperExclusions {
  let exclusions = NOTHING_EXCLUDED;
  for (const [index, { from, object }] of documents.entries()) {
    if (from !== 'gatekeeper-config' || outcomes[index] !== undefined) continue;
    if (object['kind'] !== 'Config') {
      outcomes[index] = { as: 'heard', notes: [] };
      continue;
    }
    const read = readExclusions(object);
    if ('skipped' in read) outcomes[index] = { as: 'skipped', reason: read.skipped };
    else {
      exclusions = read.exclusions;
      outcomes[index] = { as: 'heard', notes: read.notes };
    }
  }
  return exclusions;
}

function setsOf(documents: readonly ForeignBinding[], outcomes: Outcome[]): WeavePolicySet[] {
  const policies = documents.flatMap(({ from, object }, index) =>
    from === 'weave-policy' && outcomes[index] === undefined ? (cataloguedAs(object) ?? []) : [],
  );
  const sets: WeavePolicySet[] = [];
  for (const [index, { from, object }] of documents.entries()) {
    if (from !== 'weave-policy-set' || outcomes[index] !== undefined) continue;
    const set = readPolicySet(object);
    if ('skipped' in set) {
      outcomes[index] = { as: 'skipped', reason: set.skipped };
      continue;
    }
    sets.push(set);
    const members = policies.filter((policy) => isMember(policy, set)).map(({ name }) => `weave/Policy/${name}`);
    outcomes[index] = { as: 'set', key: set.key, title: set.title, policies: members, notes: [] };
  }
  return sets;
}

function configsOf(documents: readonly ForeignBinding[], outcomes: Outcome[]): WeaveConfig[] {
  const configs: WeaveConfig[] = [];
  for (const [index, { from, object }] of documents.entries()) {
    if (from !== 'weave-policy-config' || outcomes[index] !== undefined) continue;
    const config = readPolicyConfig(object);
    const reason = 'skipped' in config ? config.skipped : whyRefused(config, configs);
    if (reason !== undefined) outcomes[index] = { as: 'skipped', reason };
    else if (!('skipped' in config)) {
      configs.push(config);
      outcomes[index] = { as: 'heard', notes: [] };
    }
  }
  return configs;
}
