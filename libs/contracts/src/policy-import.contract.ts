import { z } from 'zod';

/** Documents of one import; more are imported in parts. */
export const IMPORT_DOCUMENTS_MAX = 2_000;

/** What other engines call a document; it may be no Kubernetes object at all. */
const anyText = z.string();

export const importPoliciesSchema = z
  .strictObject({
    files: z
      .array(
        z.strictObject({
          path: z.string().min(1).max(1_000).describe('its end says what it is: `.yaml`, `.json`, `.rego`'),
          content: z.string(),
        }),
      )
      .max(IMPORT_DOCUMENTS_MAX)
      .optional(),
    manifest: z.string().optional().describe('a YAML stream'),
    dry_run: z.boolean().optional().describe('only say what would be done'),
  })
  .refine((body) => (body.files === undefined) !== (body.manifest === undefined), {
    message: 'either files or manifest',
    path: ['files'],
  })
  .meta({
    id: 'ImportPolicies',
    oneOf: [{ required: ['files'] }, { required: ['manifest'] }],
    examples: [
      {
        files: [
          {
            path: 'policies/no_pods.rego',
            content: 'package main\n\ndeny contains "no bare pods" if input.kind == "Pod"\n',
          },
        ],
      },
    ],
  });
export type ImportPolicies = z.infer<typeof importPoliciesSchema>;

/** Of bodies that are no JSON. */
export const importQuery = z.strictObject({
  dry_run: z.enum(['true', 'false']).optional().describe('only say what would be done'),
});
export type ImportQuery = z.infer<typeof importQuery>;

export const importedDocumentSchema = z
  .object({
    index: z.int().describe('among all documents; what conftest only warns of is said beside, under the same'),
    path: anyText.optional(),
    kind: anyText.nullable(),
    name: anyText.nullable(),
    result: z.enum(['imported', 'skipped', 'failed']),
    reason: z.string().optional().describe('of what was not imported'),
    policy: z
      .object({
        id: z.string().nullable().describe('null where it would be made'),
        slug: z.string(),
        version: z.int(),
      })
      .optional(),
    bindings: z
      .array(z.object({ id: z.string().nullable().describe('null where it would be made'), name: z.string() }))
      .optional()
      .describe('that say where it applies, each with a target of its own'),
    changed: z.boolean().optional().describe('whether anything was saved; false where it was imported before'),
    notes: z.array(z.string()).describe('what was imported otherwise than it stood there'),
  })
  .meta({ id: 'ImportedDocument' });
export type ImportedDocument = z.infer<typeof importedDocumentSchema>;
export const importAnswerSchema = z
  .object({
    dry_run: z.boolean(),
    summary: z.object({ imported: z.int(), changed: z.int(), skipped: z.int(), failed: z.int() }),
    documents: z.array(importedDocumentSchema),
  })
  .meta({ id: 'PolicyImport' });
export type ImportAnswer = z.infer<typeof importAnswerSchema>;
