import { isForm } from '../../http/body.js';
import { defineRoute } from '../../http/route.js';
import { validate } from '../../http/validation.js';
import type { Feature } from '../../kit.js';
import type { Grant } from './grant.js';
import { oauthDialect, readGrantType } from './oauth.js';
import { passwordGrant } from './password-grant.js';
import { refreshGrant } from './refresh-grant.js';

/** By the `grant_type` of OAuth 2.0. A new grant is one file and one line here. */
const grants = { password: passwordGrant, refresh_token: refreshGrant };
const grantTypes = Object.keys(grants) as (keyof typeof grants)[];

/**
 * `POST /token` and `POST /refresh`: tokens against a grant. In JSON the path says which; a form-encoded request to
 * `/token` is one of OAuth 2.0 (RFC 6749 sections 4.3 and 6) and names it.
 */
export const token: Feature = {
  name: 'token',
  strategies: (kit) => Object.assign({}, ...Object.values(grants).map((grant) => grant.strategies?.(kit))),
  routes: (kit) => [
    defineRoute({
      method: 'post',
      path: '/token',
      accepts: 'json-or-form',
      dialect: oauthDialect,
      success: 200,
      async handle(request) {
        const { req, body } = request;
        const grant: Grant = grants[isForm(req) ? readGrantType(body, grantTypes) : 'password'];
        // FastEdgy's clients and those of OAuth 2.0 say `username`; others call it by what it is.
        const fields = { ...body, username: body['username'] ?? body['email'] };
        const input = await validate<never>(grant.rules, fields);
        return grant.exchange(kit, { ...request, input });
      },
    }),
    defineRoute<{ refresh_token: string }>({
      method: 'post',
      path: '/refresh',
      accepts: 'json',
      rules: refreshGrant.rules,
      success: 200,
      handle: (request) => refreshGrant.exchange(kit, request),
    }),
  ],
};
