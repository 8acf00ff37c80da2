import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The one form of an address: what Express calls `req.ip` may be any text of a header, where `trust proxy` lets it. IPv4 is
 * the same whether or not IPv6 carries it (`::ffff:192.0.2.1`); IPv6 is in lower case and as short as it can be, without a
 * zone.
 *
 * @returns null for what is no address, one with a port too
 */
export function toIpAddress(text: string | null | undefined): string | null {
  const [address = ''] = text?.split('%') ?? [];
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return null;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

/**
 * What one subscriber has: an IPv4 address, or a /64 of IPv6, in which every device has as many addresses as it likes (RFC 6177).
 *
 * @param address in the form of `toIpAddress`
 */
export function networkOf(address: string): string {
  return isIPv6(address) ? `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`)}/64` : address;
}
