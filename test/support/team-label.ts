/** A policy of an organization's own, as it is posted: each object names its team. */
export const TEAM_LABEL = {
  slug: 'team-label',
  rego: `# METADATA
# title: A team is named
# description: A label says whose it is.
# custom:
#   category: operational-excellence
#   severity: high
#   kinds: ["*"]
package own.team

violation contains {"path": "metadata.labels.team", "found": null, "expected": "a team", "message": "no team"} if not input.review.object.metadata.labels.team
`,
};
