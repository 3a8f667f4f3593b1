/** What an answer can be written as: docs/formats.md. */
export const VALIDATION_FORMATS = [
  'json',
  'sarif',
  'junit',
  'github',
  'gitlab',
  'azure',
  'markdown',
  'tap',
  'text',
] as const;
export type ValidationFormat = (typeof VALIDATION_FORMATS)[number];
