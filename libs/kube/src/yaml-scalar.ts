/** What a plain scalar means, or that it means a number which JSON can't hold. */
export type ScalarValue = null | boolean | number | string | typeof NOT_FINITE;

/** `.inf` and `.nan`, which Kubernetes refuses when it turns YAML into JSON. */
export const NOT_FINITE = Symbol('not finite');

const WORDS: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word): [string, boolean] => [
    word,
    true,
  ]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word): [string, boolean] => [
    word,
    false,
  ]),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, null] => [word, null]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, typeof NOT_FINITE] => [word, NOT_FINITE]),
  ...['', '+', '-'].flatMap((sign) =>
    ['.inf', '.Inf', '.INF'].map((word): [string, typeof NOT_FINITE] => [sign + word, NOT_FINITE]),
  ),
]);

const STARTS_NUMBER = /^[-+.0-9]/;
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** Written with a leading point, underscores must stand between digits. */
const POINT_FLOAT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)?$/;

function integerFrom(digits: string): bigint {
  const octal = /^0([0-7]+)$/.exec(digits);
  return BigInt(octal ? `0o${octal[1]}` : digits.toLowerCase());
}

function numberFrom(text: string): number | undefined {
  const plain = text.replaceAll('_', '');
  const integer = INTEGER.exec(plain);
  if (integer) {
    const value = Number(integerFrom(integer[2] ?? '0'));
    return integer[1] === '-' && value !== 0 ? -value : value;
  }
  if (text.startsWith('.') ? !POINT_FLOAT.test(text) : !FLOAT.test(plain)) return undefined;
  const value = Number(plain);
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value;
}

/**
 * Reads a plain scalar as Kubernetes does, which is YAML 1.1 in the dialect of sigs.k8s.io/yaml (goyaml.v2): `yes` is
 * true, `0644` and `0o644` are 420, `1_000` is 1000, while `22:22` and dates stay text. A float too large stays text.
 * @param text the scalar's text, without quotes
 */
export function resolvePlainScalar(text: string): ScalarValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!STARTS_NUMBER.test(text)) return text;
  return numberFrom(text) ?? text;
}
