import { expect } from 'chai';
import { isOAuthForm, isPageForm, isSafe, showsToken } from '../../lib/http/web-request.js';

const FORM = 'application/x-www-form-urlencoded';
const PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('what a request is', () => {
  it('shows a token by itself as a bearer or by its own header, whatever it is worth (hold 103)', () => {
    for (const authorization of ['Bearer abc', 'bearer abc', 'Bearer', 'Bearer a b'])
      expect(showsToken({ headers: { authorization } }), authorization).to.equal(true);
    expect(showsToken({ headers: { 'x-api-token': '' } })).to.equal(true);
    for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearerx' }])
      expect(showsToken({ headers })).to.equal(false);
  });

  it('is a form of a page where the browser shows what comes back, else one of an OAuth client', () => {
    const forms: [headers: Record<string, string>, isPage: boolean, isOAuth: boolean][] = [
      [{ 'content-type': FORM, accept: PAGE }, true, false],
      [{ 'content-type': `${FORM};charset=UTF-8`, accept: 'TEXT/HTML' }, true, false],
      [{ 'content-type': FORM }, false, true],
      [{ 'content-type': FORM.toUpperCase(), accept: '*/*' }, false, true],
      [{ 'content-type': FORM, accept: 'text/html5' }, false, true],
      [{ 'content-type': 'application/json', accept: PAGE }, false, false],
      [{ 'content-type': `${FORM}2`, accept: PAGE }, false, false],
      [{ accept: PAGE }, false, false],
    ];
    for (const [headers, isPage, isOAuth] of forms)
      expect([isPageForm({ headers }), isOAuthForm({ headers })], JSON.stringify(headers)).to.deep.equal([
        isPage,
        isOAuth,
      ]);
  });

  it('is safe by its method alone', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(isSafe({ method })).to.equal(true);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'get', ''])
      expect(isSafe({ method })).to.equal(false);
  });
});
