import { isForm } from '../../http/body.js';
import { defineRoute } from '../../http/route.js';
import type { Feature } from '../../kit.js';
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
      async handle({ req, body }) {
        const grant = grants[isForm(req) ? readGrantType(body, grantTypes) : 'password'];
        return { status: 200, body: await grant.exchange(kit, req, body) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/refresh',
      accepts: 'json',
      handle: async ({ req, body }) => ({ status: 200, body: await refreshGrant.exchange(kit, req, body) }),
    }),
  ],
};
