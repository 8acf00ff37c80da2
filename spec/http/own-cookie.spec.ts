import { expect } from 'chai';
import { createOwnCookie } from '../../lib/http/own-cookie.js';

describe('a cookie of the kit’s own', () => {
  it('is of this host, by https, no script’s, and comes with links from elsewhere alone (hold 59)', () => {
    const { name, line } = createOwnCookie('access', true);
    expect(name).to.equal('__Host-access');
    expect(line('abc', 900).split('; ')).to.have.members([
      '__Host-access=abc',
      'Max-Age=900',
      'Path=/',
      'HttpOnly',
      'Secure',
      'SameSite=Lax',
    ]);
  });

  it('has neither prefix nor Secure over http, where browsers would take none', () => {
    const { name, line } = createOwnCookie('access', false);
    expect(name).to.equal('access');
    expect(line('abc', 900)).to.not.match(/Secure|__Host-/);
  });

  it('ends with the browser where it has no time, and is taken back by none left', () => {
    const { line } = createOwnCookie('access', true);
    expect(line('abc')).to.not.match(/Max-Age|Expires/);
    expect(line('', 0)).to.match(/^__Host-access=; Max-Age=0; /);
  });

  it('is read by its whole name', () => {
    const { read } = createOwnCookie('access', true);
    const of = (cookie?: string) => read({ headers: cookie === undefined ? {} : { cookie } });
    expect(of('theme=dark; __Host-access=abc')).to.equal('abc');
    for (const other of [undefined, '', 'access=abc', 'X__Host-access=abc'])
      expect(of(other)).to.equal(undefined);
  });
});
