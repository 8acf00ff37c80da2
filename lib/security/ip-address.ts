import { isIPv4, isIPv6, SocketAddress } from 'node:net';

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
