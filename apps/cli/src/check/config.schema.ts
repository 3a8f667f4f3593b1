import { z } from 'zod';
import { SEVERITIES } from '#kernel';

const oneOrMore = (what: string) =>
  z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .optional()
    .describe(what);

/** What `bylaw.yaml` may say; each setting has its option of `bylaw check`, which wins. */
export const checkConfigSchema = z.strictObject({
  set: oneOrMore('Built-in policy sets; `none` for those of `policies` alone. Default: best-practices.'),
  policies: oneOrMore('Folders of own policies, from this file on: <slug>/policy.rego in each.'),
  parameters: z
    .record(z.string(), z.record(z.string(), z.json()))
    .optional()
    .describe('By policy, what its parameters are; what is not given keeps the value of the set, or its default.'),
  fail_on: z.enum(SEVERITIES).optional().describe('Violations from here on fail. Default: low.'),
  paths: oneOrMore('Files, folders and globs that are checked unless others are named, from this file on.'),
  exclude: oneOrMore('What is left out, as .gitignore writes it.'),
  namespace: z.string().min(1).optional().describe('Of objects that say none. Default: default.'),
  kubernetes_version: z
    .string()
    .regex(/^v?\d+\.\d+(?:\.\d+)?$/, 'a version as 1.34 or 1.34.2')
    .optional()
    .describe('The version that the objects are meant for, as 1.34.'),
  ignores: z
    .boolean()
    .optional()
    .describe('Whether comments (# bylaw:ignore <policy> -- <reason>) and annotations may waive. Default: true.'),
  baseline: z
    .string()
    .min(1)
    .optional()
    .describe('A JSON result: its violations do not count. With a server also `cluster` or `previous`.'),
  skip_invalid: z.boolean().optional().describe('Documents that can’t be read do not fail.'),
  allow_empty: z.boolean().optional().describe('No object at all does not fail.'),
  server: z.string().min(1).optional().describe('A platform that judges instead, by its bindings.'),
  cluster: z.string().min(1).optional().describe('Id or name of the cluster that the objects are meant for.'),
  environment: z.string().min(1).optional().describe('The environment that they are meant for.'),
  on_unavailable: z
    .enum(['fail', 'local', 'pass'])
    .optional()
    .describe('What is done where the server is away. Default: fail.'),
});
export type CheckConfig = z.infer<typeof checkConfigSchema>;

/** @returns the JSON Schema of `bylaw.yaml`, for editors */
export function checkConfigJsonSchema(): object {
  const schema = z.toJSONSchema(checkConfigSchema, { target: 'draft-7' });
  return { ...schema, title: 'bylaw.yaml', description: 'Settings of `bylaw check`' };
}
