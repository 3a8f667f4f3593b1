import type { HostBuiltin } from './builtin.js';
import { ARITHMETIC_BUILTINS } from './builtins-arithmetic.js';
import { ENCODING_BUILTINS } from './builtins-encoding.js';
import { NETWORK_BUILTINS } from './builtins-network.js';
import { NUMBER_BUILTINS } from './builtins-numbers.js';
import { REGEX_BUILTINS } from './builtins-regex.js';
import { STRING_BUILTINS } from './builtins-strings.js';
import { STRUCTURE_BUILTINS } from './builtins-structure.js';
import { TIME_BUILTINS } from './builtins-time.js';
import { PATH_BUILTINS } from './json-paths.js';

/**
 * Every function that the compiler's capabilities allow and OPA's WASM runtime lacks or has otherwise, checked case by
 * case against OPA's Go evaluator (E9). The compiler's list of host functions is the same.
 *
 * Left out, so that using one is a compile error:
 * - `http.send`, `net.lookup_ip_addr`, `opa.runtime`, `rego.*`, `time.now_ns`, `rand.intn`, `uuid.rfc4122`, `trace`:
 *   the network, the runtime, the clock and randomness are out of a policy's reach (H1); `input.context.now` is there;
 * - `time.format`, `time.parse_ns`, `strings.render_template`: Go's layouts and templates are languages of their own;
 * - `yaml.*`: what Go's YAML library accepts and how it lays text out can't be matched exactly;
 * - `json.match_schema`, `json.verify_schema`, `graphql.*`, `regex.globs_match`, `uri.*`, `uuid.parse`: the same of
 *   their Go libraries;
 * - `io.jwt.*`, `crypto.x509.*`, `crypto.parse_private_keys`, `providers.aws.*`: no use in judging objects yet;
 * - `net.cidr_contains_matches`, `net.cidr_expand`, `net.cidr_merge`, `net.cidr_is_valid`, and the deprecated ones
 *   (`cast_*`, `re_match`, `net.cidr_overlap`): `net.cidr_contains` and `net.cidr_intersects` are there.
 */
export const HOST_BUILTINS: ReadonlyMap<string, HostBuiltin> = new Map([
  ...ARITHMETIC_BUILTINS,
  ...ENCODING_BUILTINS,
  ...NETWORK_BUILTINS,
  ...NUMBER_BUILTINS,
  ...PATH_BUILTINS,
  ...REGEX_BUILTINS,
  ...STRING_BUILTINS,
  ...STRUCTURE_BUILTINS,
  ...TIME_BUILTINS,
]);
