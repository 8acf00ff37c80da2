import { expect } from 'chai';
import { defineRoute, defineUserRoute, type Route, refusalsOf } from '../../lib/http/route.js';
import { requiredString } from '../../lib/http/validation.js';

const BODY = ['malformed_body', 'unsupported_media_type', 'body_too_large'];
const GUARD = ['missing_token', 'invalid_token'];
const rules = { word: requiredString('The word') };
const handle = async () => ({});
const row = { method: 'post', path: '/a', success: 200, handle } as const;

describe('defineRoute', () => {
  it('gives the row as it is, for everybody', () => {
    const given = {
      ...row,
      aliases: ['/b'],
      accepts: 'json',
      rules,
      tokens: true,
      refusals: ['invalid_code'],
      cacheControl: 'private',
      dialect: (error: never) => ({ error, body: {} }),
    } as const;
    const route = defineRoute(given);
    expect(route).to.deep.equal(given);
    expect(route).to.not.have.property('guard');
  });
});

describe('defineUserRoute', () => {
  it('gives the same row, for those who are signed in', () => {
    const { guard, ...others } = defineUserRoute({ ...row, accepts: 'json', rules });
    expect(guard).to.equal('user');
    expect(others).to.deep.equal(defineRoute({ ...row, accepts: 'json', rules }));
  });

  it('leaves the row it is given without a guard', () => {
    const given = { ...row };
    defineUserRoute(given);
    expect(given).to.deep.equal(row);
  });
});

describe('refusalsOf', () => {
  const table: [what: string, route: Route, codes: string[]][] = [
    ['a row that reads nothing: the database may be away', defineRoute(row), ['unavailable']],
    ['a guard', defineUserRoute(row), [...GUARD, 'unavailable']],
    ['a body in JSON', defineRoute({ ...row, accepts: 'json' }), [...BODY, 'unavailable']],
    ['a form', defineRoute({ ...row, accepts: 'form' }), [...BODY, 'unavailable']],
    ['rules', defineRoute({ ...row, accepts: 'json', rules }), [...BODY, 'validation_failed', 'unavailable']],
    [
      'a choice of rules',
      defineRoute({ ...row, accepts: 'form', rules: { choose: () => 'a', choices: { a: rules } } }),
      [...BODY, 'validation_failed', 'unavailable'],
    ],
    [
      'refusals of its own',
      defineRoute({ ...row, refusals: ['wrong_password', 'of_the_app'] }),
      ['wrong_password', 'of_the_app', 'unavailable'],
    ],
    [
      'all of them',
      defineUserRoute({ ...row, accepts: 'json', rules, refusals: ['wrong_password'] }),
      [...GUARD, ...BODY, 'validation_failed', 'wrong_password', 'unavailable'],
    ],
  ];
  for (const [what, route, codes] of table) {
    it(`has the codes that come with ${what}`, () => {
      expect(refusalsOf(route)).to.deep.equal(codes);
    });
  }

  it('does not change the refusals of the row', () => {
    const refusals = ['wrong_password'] as const;
    const route = defineUserRoute({ ...row, refusals });
    refusalsOf(route);
    expect(route.refusals).to.deep.equal(['wrong_password']);
  });
});
