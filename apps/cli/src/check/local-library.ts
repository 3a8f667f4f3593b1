import { type JsonObject, uuidV5 } from '#kernel';
import type { BindingItem } from '#decision';
import { mergeParameters, parameterProblems, type PolicyInfo, type StockManifest } from '#engine';
import { CliError } from '../cli-error.js';
import { suggestion } from './suggestion.js';

/** What policies are judged by here, before anybody said how strictly. */
export type LocalItem = Omit<BindingItem, 'checkId'>;

/** Ids of policies come from their slugs: here there is one organization, whose name is nobody's. */
const HERE = '00000000-0000-0000-0000-000000000000';

/**
 * @param manifest of the built-in library
 * @param wanted sets by slug, and parameters of policies
 * @param own slugs of own policies, which stand in for built-in ones of the same name
 * @returns the built-in policies that the sets name, each once an instance
 * @throws CliError 2 where a set does not exist, or parameters don't fit
 */
export function itemsOfSets(
  manifest: StockManifest,
  wanted: { sets: readonly string[]; parameters: Readonly<Record<string, JsonObject>> },
  own: ReadonlySet<string>,
): LocalItem[] {
  const policies = new Map(manifest.policies.map((policy) => [policy.slug, policy]));
  const items = new Map<string, LocalItem>();
  for (const slug of wanted.sets) {
    const set = manifest.sets.find((one) => one.slug === slug);
    if (set === undefined) throw unknownSet(slug, manifest);
    for (const { policy: name, instance, parameters } of set.policies) {
      const policy = policies.get(name);
      const key = `${name}/${instance}`;
      if (policy === undefined || own.has(name) || items.has(key)) continue;
      items.set(
        key,
        itemOf(policy, 'builtin', { instance, parameters: { ...parameters, ...wanted.parameters[name] } }),
      );
    }
  }
  return [...items.values()];
}

/**
 * @param policy compiled
 * @param origin whose it is
 * @param given its instance, and parameters that its defaults are merged into
 * @throws CliError 2 where its schema does not take them
 */
export function itemOf(
  policy: PolicyInfo,
  origin: LocalItem['origin'],
  given: { instance: string; parameters: JsonObject },
): LocalItem {
  const { slug, metadata } = policy;
  const parameters = mergeParameters(metadata.parameters, given.parameters);
  // Defaults are what their author took for right, and checking costs more than judging one file.
  const [problem] =
    Object.keys(given.parameters).length === 0 ? [] : parameterProblems(metadata.parameters, parameters);
  if (problem !== undefined)
    throw new CliError(`parameters of ${slug}: ${problem.pointer.slice(1)} ${problem.detail}`.trim(), 2);
  return {
    policyId: uuidV5(HERE, `policy/${slug}`),
    slug,
    instance: given.instance,
    title: metadata.title,
    version: 1,
    severity: metadata.severity,
    category: metadata.category,
    kinds: metadata.kinds,
    parameters,
    origin,
  };
}

/**
 * @param named policies that parameters were given for
 * @param items that are judged by
 * @throws CliError 2 where one is not among them
 */
export function refuseStrayParameters(named: readonly string[], items: readonly LocalItem[]): void {
  const slugs = items.map(({ slug }) => slug);
  const stray = named.find((slug) => !slugs.includes(slug));
  if (stray !== undefined)
    throw new CliError(`parameters of ${stray}: no set and no folder has this policy${suggestion(stray, slugs)}`, 2);
}

function unknownSet(slug: string, { sets }: StockManifest): CliError {
  const names = sets.map((set) => set.slug);
  return new CliError(
    `--set ${slug}: there is no such set${suggestion(slug, names)}; there are ${names.join(', ')}`,
    2,
  );
}
