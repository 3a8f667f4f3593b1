import { stringify } from 'yaml';

/** Rego of a template that wants labels; v0, as most are. */
export const WANTS_LABELS = `package k8swantslabels

violation[{"msg": msg, "details": {"missing": missing}}] {
  has := {label | input.review.object.metadata.labels[label]}
  wants := {label | label := input.parameters.labels[_]}
  missing := wants - has
  count(missing) > 0
  msg := sprintf("%v lacks %v", [input.review.object.metadata.name, missing])
}
`;

/**
 * A ConstraintTemplate.
 * @param kind of its constraints
 * @param changes `rego`: its legacy Rego; `target`: its target; the rest are members of the document
 */
export function aTemplate(kind: string, changes: { rego?: string; target?: object } & Record<string, unknown> = {}) {
  const { rego = WANTS_LABELS, target = { rego }, ...members } = changes;
  return {
    apiVersion: 'templates.gatekeeper.sh/v1',
    kind: 'ConstraintTemplate',
    metadata: { name: kind.toLowerCase(), annotations: { description: `What ${kind} wants.` } },
    spec: {
      crd: {
        spec: {
          names: { kind },
          validation: {
            openAPIV3Schema: { type: 'object', properties: { labels: { type: 'array', items: { type: 'string' } } } },
          },
        },
      },
      targets: [{ target: 'admission.k8s.gatekeeper.sh', ...target }],
    },
    ...members,
  };
}

/**
 * A Weave policy.
 * @param name of the document
 * @param spec members of its spec
 */
export function aWeavePolicy(name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'pac.weave.works/v2beta2',
    kind: 'Policy',
    metadata: { name },
    spec: {
      id: name,
      name: 'Images come from our registry',
      description: 'Images of others are not ours to vouch for.',
      how_to_solve: 'Mirror the image.',
      category: 'weave.categories.software-supply-chain',
      severity: 'high',
      targets: { kinds: ['Deployment', 'Pod'], labels: [], namespaces: [] },
      standards: [{ id: 'weave.standards.pci-dss', controls: ['weave.controls.pci-dss.2.2.5'] }],
      parameters: [
        { name: 'registry', type: 'string', required: true, value: 'registry.local/' },
        { name: 'exclude', type: 'string', required: false },
      ],
      code: `package weave.images.registry

violation[result] {
  some i
  container := input.review.object.spec.containers[i]
  not startswith(container.image, input.parameters.registry)
  input.parameters.exclude == null
  result = {
    "issue detected": true,
    "msg": sprintf("image %v is not ours", [container.image]),
    "violating_key": sprintf("spec.containers[%v].image", [i]),
    "recommended_value": input.parameters.registry,
  }
}
`,
      ...spec,
    },
  };
}

/** @returns a stream of documents */
export function manifestOf(...documents: readonly object[]): string {
  return documents.map((document) => `---\n${stringify(document)}`).join('');
}
