import { describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '#contracts';
import { formatApart, formatResult, RESULT_FORMATS } from './index.js';
import { aResult, manyViolations } from './testdata/results.js';

const LONG: ValidationResult = aResult(manyViolations(2_000));
const HELP = new Map([
  [LONG.violations[0]?.policy.slug ?? '', { description: 'What it is about.', remediation: 'Mend it.', standards: [] }],
]);

const bytes = (text: string): Buffer => Buffer.from(text);

describe('a long result', () => {
  it.each(RESULT_FORMATS)('is written as %s like any other, and others have their turn meanwhile', async (format) => {
    let turns = 0;
    const others = setInterval(() => turns++);
    const text = await formatApart(format, bytes(JSON.stringify(LONG)), HELP);
    clearInterval(others);
    expect(text).toBe(formatResult(format, LONG, { policies: HELP }));
    expect(turns).toBeGreaterThan(0);
  });

  it('is refused where it can’t be read, and the next one is written', async () => {
    const broken = bytes(`${JSON.stringify(LONG)}]`);
    await expect(formatApart('tap', broken, HELP)).rejects.toThrow('JSON');
    expect(await formatApart('tap', bytes(JSON.stringify(LONG)), HELP)).toMatch(/^TAP version 14/);
  });
});
