/** Jest runs the compiled tests: what is tested is what runs. */
export default {
  rootDir: '.',
  roots: ['<rootDir>/dist'],
  testMatch: ['**/*.spec.js'],
  transform: {},
  testEnvironment: 'node',
  modulePathIgnorePatterns: [],
  reporters: ['default', '<rootDir>/tools/jest-summary-reporter.mjs'],
};
