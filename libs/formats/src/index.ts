export * from './formats.js';
export type { PolicyHelp, ResultContext } from './result-context.js';
