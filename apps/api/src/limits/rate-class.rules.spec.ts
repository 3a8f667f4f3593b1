import { describe, expect, it } from '@jest/globals';
import { rateClassOf } from './rate-class.rules.js';

describe('a request is counted', () => {
  it.each([
    ['POST', '/api/v1/validate', 'validate'],
    ['POST', '/API/V1/Validate/', 'validate'],
    ['GET', '/api/v1/validations', 'other'],
    ['GET', '/api/v1/exports/violations.csv', 'export'],
    ['POST', '/api/v1/reports', 'export'],
    ['GET', '/api/v1/evidence-packs/evp_1/file', 'export'],
    ['POST', '/api/v1/policies', 'author'],
    ['POST', '/api/v1/policies/check', 'author'],
    ['PATCH', '/api/v1/policies/pol_1', 'author'],
    ['GET', '/api/v1/policies', 'other'],
    ['POST', '/api/v1/policy-sets', 'other'],
    ['POST', '/agent/v1/inventory', 'agent'],
    ['GET', '/api/v1/exportsx', 'other'],
  ])('%s %s as %s', (method, path, kind) => {
    expect(rateClassOf(method, path)).toBe(kind);
  });
});
