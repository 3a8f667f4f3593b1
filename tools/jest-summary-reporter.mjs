import { writeFileSync } from 'node:fs';

/** Closes a test run with the one line that people and CI look for; where it is one of several, with its counts in a file. */
export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests;
    const file = process.env.BYLAW_TEST_COUNTS;
    if (file !== undefined) return writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
  }
}
