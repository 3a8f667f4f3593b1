export * from './decision.rules.js';
export * from './merge.rules.js';
export * from './target.rules.js';
