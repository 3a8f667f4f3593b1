export * from './agent.contract.js';
export * from './common.contract.js';
export * from './compliance.contract.js';
export * from './evaluation.contract.js';
export * from './fleet.contract.js';
export * from './policies.contract.js';
export * from './tenancy.contract.js';
