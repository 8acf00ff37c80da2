import { isIP } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { networkOf, toIpAddress } from '../../lib/security/ip-address.js';

describe('an IP address', () => {
  const forms: [text: string | null | undefined, address: string | null][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    [undefined, null],
    [null, null],
    ['', null],
    ['unknown', null],
    ['_hidden', null],
    ['192.0.2.1:4711', null],
    ['[2001:db8::1]', null],
    ['192.0.2.256', null],
    ['0300.0.2.1', null],
    ['3221225985', null],
    ['192.0.2.1, 192.0.2.2', null],
    [' 192.0.2.1', null],
    ['<script>', null],
  ];
  for (const [text, address] of forms) {
    it(`of ${JSON.stringify(text)} is ${address} (hold 85)`, () => {
      expect(toIpAddress(text)).to.equal(address);
    });
  }

  it('is one, in a form of its own, or null, whatever the text (holds 24, 85)', () => {
    const texts = fc.oneof(fc.string(), fc.ipV4(), fc.ipV4Extended(), fc.ipV6());
    fc.assert(
      fc.property(texts, (text) => {
        const address = toIpAddress(text);
        if (address === null) return;
        expect(isIP(address)).to.be.greaterThan(0);
        expect(toIpAddress(address)).to.equal(address);
      }),
    );
  });

  it('of IPv4 is the same by whichever way it comes (hold 24)', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(toIpAddress(address)).to.equal(address);
        expect(toIpAddress(`::ffff:${address}`)).to.equal(address);
      }),
    );
  });
});

describe('the network of an address', () => {
  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['::1', '::/64'],
  ] as const) {
    it(`of ${address} is ${network} (hold 24)`, () => {
      expect(networkOf(address)).to.equal(network);
    });
  }
});
