import { expect } from 'chai';
import type { Accepts } from '../../lib/http/body.js';
import { groupRows } from '../../lib/http/group-rows.js';
import { defineRoute, type Route } from '../../lib/http/route.js';
import { requiredString } from '../../lib/http/validation.js';

describe('groupRows', () => {
  const group = (routes: readonly Route[]) => groupRows(routes, { withForms: false });
  const route = (method: Route['method'], path: string, aliases: string[] = []): Route =>
    defineRoute({ method, path, aliases, success: 200, handle: async () => ({}) });
  const reading = (accepts: Accepts, path: string, aliases: string[] = []): Route =>
    defineRoute({ method: 'post', path, aliases, accepts, success: 200, handle: async () => ({}) });

  const doubles: [what: string, routes: Route[], name: string][] = [
    ['twice', [route('get', '/a'), route('get', '/a')], 'GET /a'],
    ['in another case', [route('get', '/a'), route('get', '/A')], 'GET /A'],
    ['with a slash at its end', [route('get', '/a'), route('get', '/a/')], 'GET /a/'],
    ['as an alias', [route('post', '/a'), route('post', '/b', ['/c', '/a'])], 'POST /a'],
    ['as two aliases', [route('post', '/a', ['/c']), route('post', '/b', ['/c'])], 'POST /c'],
    ['as its own alias', [route('post', '/a', ['/a'])], 'POST /a'],
    ['for JSON twice', [reading('json', '/a'), reading('json', '/a')], 'POST /a'],
    ['for forms twice', [reading('form', '/a'), reading('form', '/b', ['/a'])], 'POST /a'],
    ['once for JSON, once without a body', [reading('json', '/a'), route('post', '/a')], 'POST /a'],
    ['once without a body, once for forms', [route('post', '/a'), reading('form', '/a')], 'POST /a'],
    [
      'a third time where each media type has its row',
      [reading('json', '/a'), reading('form', '/a'), reading('json', '/a')],
      'POST /a',
    ],
  ];
  for (const [what, routes, name] of doubles) {
    it(`refuses a route that is claimed ${what}`, () => {
      expect(() => group(routes)).to.throw(`two features claim the route ${name}`);
    });
  }

  it('refuses what is no row of a table, before the first request', () => {
    const bare = { method: 'get', path: '/a', handler() {} } as never;
    expect(() => group([bare])).to.throw(
      TypeError,
      'GET /a: no row of a route table; allowed: what defineRoute returns',
    );
    for (const row of [route('get', 'a'), { ...route('get', '/b'), aliases: ['a'] }]) {
      expect(() => group([row])).to.throw('the path "a" given; allowed: one that begins with /');
    }
  });

  it('takes one path for JSON and for forms, by an alias too', () => {
    expect(() => group([reading('json', '/a'), reading('form', '/a')])).to.not.throw();
    expect(() => group([reading('form', '/a'), reading('json', '/b', ['/a'])])).to.not.throw();
  });

  it('refuses rules for a body that the row does not accept', () => {
    const row = { ...route('get', '/a'), rules: { word: requiredString('The word') } };
    expect(() => group([row])).to.throw('GET /a: rules are for a body, and the row accepts none');
  });

  it('takes one path by two methods', () => {
    expect(() => group([route('get', '/a'), route('post', '/a')])).to.not.throw();
  });

  it('adds the rows that only forms reach, where there are forms', () => {
    const remove = { ...route('delete', '/me'), formPath: '/me/delete' };
    const told = (withForms: boolean) =>
      groupRows([remove], { withForms }).map(({ method, path }) => `${method} ${path}`);
    expect(told(false)).to.deep.equal(['delete /me']);
    expect(told(true)).to.deep.equal(['delete /me', 'post /me/delete']);
    expect(groupRows([remove], { withForms: true })[1]?.rows[0]).to.include({
      forms: 'only',
      path: '/me/delete',
    });
  });
});
