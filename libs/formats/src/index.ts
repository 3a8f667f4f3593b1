export { oneLine } from './escape-line.js';
export { formatApart } from './format-apart.js';
export * from './formats.js';
export type { PolicyHelp, ResultContext } from './result-context.js';
