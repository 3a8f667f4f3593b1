import { mendText, severityRank, type Severity } from '#kernel';
import type { ValidationViolation } from '#contracts';
import type { ReportingConfiguration, ReportingDescriptor } from 'sarif';
import { clipped } from './escape-line.js';
import { linkTarget } from './link-target.js';
import type { Mark } from './marks.js';
import type { PolicyHelp, ResultContext } from './result-context.js';
import { LEVELS, type Level } from './severity-levels.js';

/** Within GitHub's bands: over 9 is critical, from 7 high, from 4 medium, over 0 low. */
const SECURITY_SEVERITY: Record<Severity, string> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
};
/** GitHub takes twenty and shows ten. */
const TAGS_MAX = 20;
const SHORT_MAX = 1_000;
const HELP_MAX = 20_000;
/** Categories that are about attackers. */
const SECURITY: ReadonlySet<string> = new Set(['security', 'network', 'access-control']);

interface Rule {
  violation: ValidationViolation;
  severity: Severity;
  level: Level;
}

/** The policies that results are of. */
export class SarifRules {
  readonly all: ReportingDescriptor[];
  private readonly indexes = new Map<string, number>();

  /** @param marks whose policies become rules; the most severe of a policy's speaks for it */
  constructor(marks: readonly Mark[], { policies }: ResultContext) {
    const rules = new Map<string, Rule>();
    for (const { violation, level } of marks) {
      const { policy, severity } = violation;
      const known = rules.get(policy.slug);
      if (known === undefined) rules.set(policy.slug, { violation, severity, level });
      else strengthen(known, severity, level);
    }
    for (const slug of rules.keys()) this.indexes.set(slug, this.indexes.size);
    this.all = [...rules].map(([slug, rule]) => descriptorOf(rule, policies?.get(slug)));
  }

  /** @returns the place of a policy among the rules */
  indexOf(slug: string): number {
    return this.indexes.get(slug) ?? -1;
  }
}

function strengthen(rule: Rule, severity: Severity, level: Level): void {
  if (severityRank(severity) > severityRank(rule.severity)) rule.severity = severity;
  if (LEVELS.indexOf(level) < LEVELS.indexOf(rule.level)) rule.level = level;
}

function descriptorOf({ violation, severity, level }: Rule, help: PolicyHelp | undefined): ReportingDescriptor {
  const { policy, category } = violation;
  const title = mendText(clipped(policy.title, SHORT_MAX)) || policy.slug;
  const remediation = help?.remediation ?? violation.remediation;
  const description = help?.description ?? '';
  const parts = [description, remediation].map((part) => part.trim()).filter((part) => part !== '');
  const text = mendText(clipped(parts.join('\n\n') || title, HELP_MAX));
  const defaultConfiguration: ReportingConfiguration = { level };
  return {
    id: policy.slug,
    shortDescription: { text: title },
    fullDescription: { text: mendText(clipped(description.trim(), SHORT_MAX)) || title },
    help: { text, markdown: text },
    ...(help?.url !== undefined && { helpUri: linkTarget(help.url) }),
    defaultConfiguration,
    properties: {
      tags: tagsOf(category, help),
      'problem.severity': level === 'note' ? 'recommendation' : level,
      'security-severity': SECURITY_SEVERITY[severity],
      precision: 'very-high',
    },
  };
}

function tagsOf(category: string, help: PolicyHelp | undefined): string[] {
  const standards = (help?.standards ?? []).map(({ framework, section }) => `${framework}/${section}`);
  const tags = [category, ...(SECURITY.has(category) ? ['security'] : []), 'kubernetes', ...standards];
  return [...new Set(tags.map((tag) => mendText(clipped(tag, 200))))].slice(0, TAGS_MAX);
}
