import { once } from 'node:events';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { listen } from '../../example-app/listen.js';

describe('the listening of the example app', () => {
  const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  );

  it('gives a URL that can be opened, for every kind of address', async () => {
    for (const [host, name] of [
      ['127.0.0.1', '127.0.0.1'],
      ['localhost', 'localhost'],
      ['0.0.0.0', 'localhost'],
      ...(hasIPv6 ? ([['::1', '[::1]']] as const) : []),
    ] as const) {
      const server = createServer((_req, res) => res.end('here'));
      const url = await listen(server, { host, port: 0 });
      expect(url).to.match(/^http:\/\/\S+:[1-9]\d*$/);
      expect(new URL(url).hostname).to.equal(name);
      expect(await (await fetch(url)).text()).to.equal('here');
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    }
  });

  it('names HOST where that is no address of the machine', async () => {
    // 192.0.2.0/24 is for documents alone (RFC 5737).
    const thrown = await listen(createServer(), { host: '192.0.2.1', port: 0 }).catch((error) => error);
    expect(thrown).to.have.property('name', 'StartError');
    expect(thrown.message).to.equal(
      'HOST: "192.0.2.1" given, which is no address of this machine (EADDRNOTAVAIL)',
    );
  });
});
