export { oneLine } from './escape-line.js';
export * from './formats.js';
export type { PolicyHelp, ResultContext } from './result-context.js';
