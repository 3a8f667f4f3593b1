import type { RegoValue } from './rego-value.js';

/** A function that the host supplies: undefined, or an OperandError, makes the calling expression undefined. */
export type HostBuiltin = (...args: RegoValue[]) => RegoValue | undefined;
