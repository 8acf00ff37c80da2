import { expect } from 'chai';
import { amrOf, kindsOf, type Proof, type ProofKind } from '../../lib/security/proof.js';

const AT = new Date('2030-01-01T00:00:00.000Z');

function proof(method: string, kinds: readonly ProofKind[], ...amr: string[]): Proof {
  return { method, kinds, amr, at: AT };
}

const password = proof('password', ['knowledge'], 'pwd');
const pin = proof('pin', ['knowledge'], 'pin');
const totp = proof('totp', ['device'], 'otp');
const link = proof('link', ['mailbox']);
const mailedCode = proof('mailedCode', ['mailbox'], 'otp');
const provider = proof('google', ['federated'], 'fed');
const passkey = proof('passkey', ['device', 'knowledge'], 'hwk', 'user');
const securityKey = proof('passkey', ['device'], 'hwk');

const cases: [what: string, proofs: readonly Proof[], kinds: ProofKind[], amr: string[]][] = [
  ['nothing shown', [], [], []],
  ['a password', [password], ['knowledge'], ['pwd']],
  ['a password and a code of a device', [password, totp], ['knowledge', 'device'], ['pwd', 'otp', 'mfa']],
  ['the same in the other order', [totp, password], ['device', 'knowledge'], ['otp', 'pwd', 'mfa']],
  ['a password and a mailed code', [password, mailedCode], ['knowledge', 'mailbox'], ['pwd', 'otp', 'mfa']],
  ['two that are known', [password, pin], ['knowledge'], ['pwd', 'pin']],
  ['one thing twice', [totp, totp], ['device'], ['otp']],
  ['a mailed link', [link], ['mailbox'], []],
  ['mail twice: one mailbox', [link, mailedCode], ['mailbox'], ['otp']],
  ['two of one device', [totp, securityKey], ['device'], ['otp', 'hwk']],
  ['a provider’s word', [provider], ['federated'], ['fed']],
  ['a provider’s word and a device', [provider, totp], ['federated', 'device'], ['fed', 'otp', 'mfa']],
  [
    'a passkey that was unlocked: two kinds at once',
    [passkey],
    ['device', 'knowledge'],
    ['hwk', 'user', 'mfa'],
  ],
  ['a passkey that was not', [securityKey], ['device'], ['hwk']],
  [
    'an unlocked passkey after a password',
    [password, passkey],
    ['knowledge', 'device'],
    ['pwd', 'hwk', 'user', 'mfa'],
  ],
  [
    'all there is',
    [password, totp, link, provider],
    ['knowledge', 'device', 'mailbox', 'federated'],
    ['pwd', 'otp', 'fed', 'mfa'],
  ],
];

describe('the proofs of a sign-in', () => {
  for (const [what, proofs, kinds, amr] of cases) {
    it(`are ${kinds.join(' and ') || 'of no kind'}${amr.includes('mfa') ? ', so mfa' : ''}: ${what}`, () => {
      expect([...kindsOf(proofs)]).to.deep.equal(kinds);
      expect(amrOf(proofs)).to.deep.equal(amr);
    });
  }

  it('say mfa once, though a provider has said it already', () => {
    expect(amrOf([proof('google', ['federated'], 'mfa'), totp])).to.deep.equal(['mfa', 'otp']);
  });

  it('are left as they were', () => {
    const shown = [passkey, password];
    amrOf(shown).push('x');
    expect(shown).to.deep.equal([passkey, password]);
    expect(passkey.amr).to.deep.equal(['hwk', 'user']);
  });
});
