import { expect } from 'chai';
import { AuthError, BodyTooLarge, EmailTaken, MalformedBody } from '../../lib/errors.js';
import { toAuthError, toProblem } from '../../lib/http/problem.js';

describe('toProblem', () => {
  it('has what the error has beside, and lets it displace no member of RFC 9457', () => {
    const extensions = { retry: 3, status: 200, code: 'ok', type: 'x', title: 'y', detail: 'z' };
    const error = new AuthError({ status: 403, code: 'not_yet', detail: 'Not yet.', extensions });
    const { type, title, status, code, detail, ...rest } = toProblem(error);
    expect({ type, title, status, code, detail }).to.deep.equal({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      code: 'not_yet',
      detail: 'Not yet.',
    });
    expect(rest).to.deep.equal({ retry: 3 });
  });
});

describe('toAuthError', () => {
  it('leaves a refusal as it is, and knows the errors of parsers', () => {
    const taken = new EmailTaken();
    expect(toAuthError(taken)).to.equal(taken);
    const parser = (type: string) => Object.assign(new Error('{"password"'), { type, status: 400 });
    expect(toAuthError(parser('entity.parse.failed'))).to.be.an.instanceOf(MalformedBody);
    expect(toAuthError(parser('entity.too.large'))).to.be.an.instanceOf(BodyTooLarge);
    expect(toAuthError(parser('entity.parse.failed'))?.message).to.not.include('password');
  });

  it('knows no other', () => {
    for (const error of [
      new Error('x'),
      'x',
      5,
      undefined,
      null,
      { status: 400 },
      { type: 'x', status: 400 },
    ]) {
      expect(toAuthError(error)).to.equal(undefined);
    }
  });
});
