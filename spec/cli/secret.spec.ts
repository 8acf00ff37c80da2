import { expect } from 'chai';
import { createKey } from '../../lib/cli/secret.js';
import { optionsFromEnv } from '../../lib/config/options-from-env.js';
import { ALGORITHMS, checkSigningKey, checkVerifyingKey } from '../../lib/config/signing-key.js';
import { runCli } from '../support/cli.js';

describe('secret', () => {
  for (const algorithm of ALGORITHMS) {
    it(`prints a key for ${algorithm} that the start takes, and nothing else`, async () => {
      const { code, stdout, stderr } = await runCli(['secret', '--algorithm', algorithm]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(checkSigningKey('secretKey', stdout, algorithm)).to.equal(stdout);
      optionsFromEnv({ AUTH_SECRET_KEY: stdout, AUTH_ALGORITHM: algorithm });
    });
  }

  it('is for HS256 by default, and another one each time', async () => {
    const [one, two] = [await runCli(['secret']), await runCli(['secret'])];
    expect(one.stdout)
      .to.match(/^[\w+/]{43}=$/)
      .and.not.equal(two.stdout);
  });

  it('prints JSON, of a pair with the public key', async () => {
    const key = (await runCli(['secret', '--algorithm', 'ES256', '--json'])).json();
    expect(key.algorithm).to.equal('ES256');
    checkSigningKey('secretKey', key.secretKey, 'ES256');
    checkVerifyingKey('publicKey', key.publicKey, 'ES256');
    expect(key.publicKey).to.match(/^-----BEGIN PUBLIC KEY-----/);
    expect((await runCli(['secret', '--json'])).json()).to.have.all.keys('algorithm', 'secretKey');
  });

  it('refuses an algorithm that there is not', async () => {
    const { code, stdout, stderr } = await runCli(['secret', '--algorithm', 'none']);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.include('HS256, HS384, HS512, RS256, ES256');
  });

  it('makes secrets that never fail the check', () => {
    for (let count = 0; count < 200; count += 1) createKey('HS256');
  });
});
