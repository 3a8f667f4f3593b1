import { z } from 'zod';
import type { JsonObject } from '#kernel';
import { firstIssue } from './gatekeeper-config.rules.js';
import { metadataNameSchema, type SkippedDocument } from './import-conversion.js';

/** When Weave’s agent judges by a policy: in its audit, and when it is asked for admission. */
export const WEAVE_MODES = ['audit', 'admission'] as const;
export type WeaveMode = (typeof WEAVE_MODES)[number];

const filter = z.array(z.string()).nullish();
const setSchema = z.looseObject({
  metadata: z.looseObject({ name: metadataNameSchema }),
  spec: z.looseObject({
    name: z.string().nullish(),
    mode: z.string().nullish(),
    filters: z
      .looseObject({ ids: filter, categories: filter, severities: filter, standards: filter, tags: filter })
      .nullish(),
  }),
});

/** A PolicySet: which policies act in a mode. */
export interface WeavePolicySet {
  /** Import key. */
  key: string;
  title: string;
  mode: WeaveMode;
  filters: Record<'ids' | 'categories' | 'severities' | 'standards' | 'tags', readonly string[]>;
}

/** What of a policy a PolicySet looks at. */
export interface WeaveCatalogued {
  /** `metadata.name` */
  name: string;
  category: string;
  severity: string;
  /** Ids. */
  standards: readonly string[];
  tags: readonly string[];
}

/**
 * @param document of kind PolicySet, `pac.weave.works`
 * @returns what it says, or why it says nothing here
 */
export function readPolicySet(document: JsonObject): WeavePolicySet | SkippedDocument {
  const parsed = setSchema.safeParse(document);
  if (!parsed.success) return { skipped: `no PolicySet as Weave has it: ${firstIssue(parsed.error)}` };
  const { metadata, spec } = parsed.data;
  const mode = WEAVE_MODES.find((one) => one === spec.mode);
  if (spec.mode == null || spec.mode === '')
    return { skipped: 'it names no mode: in which it acts, the agent’s own configuration said' };
  if (mode === undefined) return { skipped: `it is for the mode ${spec.mode}, which there is none of here` };
  const { ids, categories, severities, standards, tags } = spec.filters ?? {};
  return {
    key: `weave/PolicySet/${metadata.name}`,
    title: spec.name == null || spec.name.trim() === '' ? metadata.name : spec.name,
    mode,
    filters: {
      ids: ids ?? [],
      categories: categories ?? [],
      severities: severities ?? [],
      standards: standards ?? [],
      tags: tags ?? [],
    },
  };
}

/** @returns whether a set holds a policy: any of its filters will do */
export function isMember(policy: WeaveCatalogued, { filters }: WeavePolicySet): boolean {
  return (
    filters.ids.includes(policy.name) ||
    filters.categories.includes(policy.category) ||
    filters.severities.includes(policy.severity) ||
    policy.standards.some((id) => filters.standards.includes(id)) ||
    policy.tags.some((tag) => filters.tags.includes(tag))
  );
}

/**
 * @param policy whose modes are asked for
 * @param sets all that there are
 * @returns the modes that it acts in: those of its sets, and each that has no set; one of a tenant’s is always asked for
 *   admission
 */
export function modesOf(policy: WeaveCatalogued, sets: readonly WeavePolicySet[]): WeaveMode[] {
  return WEAVE_MODES.filter((mode) => {
    const ofMode = sets.filter((set) => set.mode === mode);
    const always = mode === 'admission' && policy.tags.includes('tenancy');
    return always || ofMode.length === 0 || ofMode.some((set) => isMember(policy, set));
  });
}
