import { describe, expect, it } from '@jest/globals';
import { outputOf, trialErrors, trialMetadata } from './authoring.rules.js';

const missing = (key: string) => ({
  row: 0,
  col: 0,
  code: 'bylaw_metadata_error',
  message: `${key} is missing`,
  pointer: `/${key}`,
});
const wrong = { row: 3, col: 1, code: 'rego_parse_error', message: 'unexpected eof token' };

describe('a policy that is only tried out', () => {
  it('need not say of itself what it is; what else is wrong is said', () => {
    expect(trialErrors([missing('title'), wrong, missing('kinds')])).toEqual([wrong]);
  });

  it('gets metadata for what is missing, and nothing in place of what its author wrote', () => {
    expect(trialMetadata([missing('title'), missing('kinds')])).toEqual({ title: 'trial', kinds: ['*'] });
    expect(trialMetadata([wrong])).toEqual({});
  });

  it('shows what it printed apart from how it came to its verdict', () => {
    const output = 'looking at a\nEnter here\nEnter data.bylaw_entry.verdicts = _\n| Eval x\n';
    expect(outputOf(output)).toEqual({
      prints: ['looking at a', 'Enter here'],
      trace: ['Enter data.bylaw_entry.verdicts = _', '| Eval x'],
    });
    expect(outputOf('only this\n')).toEqual({ prints: ['only this'], trace: [] });
    expect(outputOf('x\n'.repeat(5_002)).prints?.at(-1)).toBe('… and 2 lines more');
  });
});
