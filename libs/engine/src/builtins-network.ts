import { isIPv4, isIPv6 } from 'node:net';
import type { HostBuiltin } from './builtin.js';
import { OperandError, text } from './builtin-operands.js';

/** OPA's functions on networks; in its WASM runtime IPv4 addresses that are written as IPv6 ones are not found. */
export const NETWORK_BUILTINS: [string, HostBuiltin][] = [
  ['net.cidr_contains', (network, other) => contains(networkOf(text(network)), text(other))],
  ['net.cidr_intersects', (a, b) => intersects(networkOf(text(a)), networkOf(text(b)))],
];

/** An address with its masked bits zero. */
interface Network {
  bytes: number[];
  prefix: number;
}

function contains(network: Network, other: string): boolean {
  const address = addressOf(other);
  if (address !== undefined) return holds(network, address);
  const inner = networkOf(other);
  return inner.bytes.length === network.bytes.length && inner.prefix >= network.prefix && holds(network, inner.bytes);
}

function intersects(a: Network, b: Network): boolean {
  return holds(a, b.bytes) || holds(b, a.bytes);
}

/** Go's IPNet.Contains: an address of the other family is never inside. */
function holds({ bytes, prefix }: Network, address: readonly number[]): boolean {
  return bytes.length === address.length && masked(address, prefix).every((byte, index) => byte === bytes[index]);
}

function masked(bytes: readonly number[], prefix: number): number[] {
  return bytes.map((byte, index) => byte & (0xff00 >> Math.min(Math.max(prefix - 8 * index, 0), 8)) & 0xff);
}

/** As Go's net.ParseCIDR reads it. */
function networkOf(written: string): Network {
  const [, address = '', digits = ''] = /^([^/]*)\/(\d+)$/.exec(written) ?? [];
  const bytes = rawBytes(address);
  if (bytes === undefined || Number(digits) > 8 * bytes.length) throw new OperandError('not a network');
  return shortened(masked(bytes, Number(digits)), Number(digits));
}

const MAPPED_BITS = 96;

/** Go keeps the prefix's own length, but compares an IPv4 address that is written as IPv6 as the four bytes it is. */
function shortened(bytes: number[], prefix: number): Network {
  const short = unmapped(bytes);
  return short.length === bytes.length
    ? { bytes, prefix }
    : { bytes: short, prefix: Math.max(prefix - MAPPED_BITS, 0) };
}

function addressOf(written: string): number[] | undefined {
  const bytes = rawBytes(written);
  return bytes === undefined ? undefined : unmapped(bytes);
}

/** Four or sixteen; no zones, no leading zeros. */
function rawBytes(written: string): number[] | undefined {
  if (isIPv4(written)) return written.split('.').map(Number);
  if (!isIPv6(written) || written.includes('%')) return undefined;
  const [before = '', after] = written.split('::');
  const [head, tail] = [groupBytes(before), groupBytes(after ?? '')];
  return [...head, ...Array.from({ length: 16 - head.length - tail.length }, () => 0), ...tail];
}

/** Of `db8:1` or `ffff:1.2.3.4`. */
function groupBytes(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Of an address in ::ffff:0:0/96 the last four bytes. */
function unmapped(bytes: number[]): number[] {
  const mapped = bytes.length === 16 && bytes.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 255));
  return mapped ? bytes.slice(12) : bytes;
}
