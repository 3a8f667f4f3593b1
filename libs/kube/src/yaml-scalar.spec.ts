import { describe, it, expect } from '@jest/globals';
import { NOT_FINITE, resolvePlainScalar } from './yaml-scalar.js';

/** What sigs.k8s.io/yaml 1.6.0 answers for the same text, run beside this table. */
const AS_KUBERNETES: [string, unknown][] = [
  ['yes', true],
  ['Y', true],
  ['on', true],
  ['TRUE', true],
  ['n', false],
  ['Off', false],
  ['yEs', 'yEs'],
  ['', null],
  ['~', null],
  ['Null', null],
  ['nULL', 'nULL'],
  ['0644', 420],
  ['0o17', 15],
  ['-0o7', -7],
  ['0_7', 7],
  ['08', 8],
  ['0b101', 5],
  ['-0b101', -5],
  ['0b12', '0b12'],
  ['0x_1F', 31],
  ['0x', '0x'],
  ['0x1p3', '0x1p3'],
  ['+1', 1],
  ['-0', 0],
  ['1_000', 1000],
  ['1__0', 10],
  ['_1', '_1'],
  ['22:22', '22:22'],
  ['1:2:3', '1:2:3'],
  ['2001-01-01', '2001-01-01'],
  ['1.2.3', '1.2.3'],
  ['1e3', 1000],
  ['1.', 1],
  ['-.5', -0.5],
  ['.5', 0.5],
  ['.5_0', 0.5],
  ['._5', '._5'],
  ['.e1', '.e1'],
  ['.1e3', 100],
  ['.5p1', '.5p1'],
  ['0.0', 0],
  ['1e400', '1e400'],
  ['99999999999999999999999', 1e23],
  ['=', '='],
  ['-', '-'],
  ['.', '.'],
  ['.inf', NOT_FINITE],
  ['-.Inf', NOT_FINITE],
  ['+.INF', NOT_FINITE],
  ['.NaN', NOT_FINITE],
  ['inf', 'inf'],
];

describe('plain scalars', () => {
  it.each(AS_KUBERNETES)('reads %j as Kubernetes does', (text, value) => {
    expect(resolvePlainScalar(text)).toBe(value);
  });
});
