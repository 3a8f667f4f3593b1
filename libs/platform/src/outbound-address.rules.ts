import ipaddr from 'ipaddr.js';

/** Networks that are nobody's on the internet, and that `ipaddr.js` takes for ordinary ones. */
const NOT_PUBLIC: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[] = [
  ipaddr.parseCIDR('198.18.0.0/15'),
  ipaddr.parseCIDR('fec0::/10'),
  ipaddr.parseCIDR('100::/64'),
];

/** Networks that may be reached although they are private, as the operator gives them. */
export class AllowedNetworks {
  private readonly networks: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

  /** @param networks addresses, or networks in CIDR notation */
  constructor(networks: readonly string[]) {
    this.networks = networks.map((text) => {
      if (text.includes('/')) return ipaddr.parseCIDR(text);
      const address = ipaddr.process(text);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    });
  }

  /** Whether the operator named it: then it may be reached, without TLS too. */
  names(address: string): boolean {
    return ipaddr.isValid(address) && isIn(ipaddr.process(address), this.networks);
  }

  /**
   * Whether tenants may have us connect to an address (H4): public ones, and those that the operator named. Addresses of
   * IPv4 within IPv6 are judged as what they are.
   */
  permits(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    if (isIn(parsed, this.networks)) return true;
    return parsed.range() === 'unicast' && !isIn(parsed, NOT_PUBLIC);
  }
}

function isIn(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  networks: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[],
): boolean {
  // Both are of one kind by then: `match` is declared for each kind by itself.
  return networks.some(
    ([network, bits]) =>
      network.kind() === address.kind() && (address as ipaddr.IPv4).match(network as ipaddr.IPv4, bits),
  );
}
