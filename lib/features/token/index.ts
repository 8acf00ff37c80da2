import { defineRoute } from '../../http/route.js';
import type { Feature } from '../../kit.js';
import type { Grant } from './grant.js';
import { chooseGrantType, oauthDialect } from './oauth.js';
import { createLocalStrategy, passwordGrant } from './password-grant.js';
import { refreshGrant } from './refresh-grant.js';

/**
 * `POST /token` and `POST /refresh`: tokens against a grant. In JSON the path says which; a form-encoded request to
 * `/token` is one of OAuth 2.0 (RFC 6749 sections 4.3 and 6) and names it.
 */
export const token: Feature = {
  name: 'token',
  setup(kit) {
    /** By the `grant_type` of OAuth 2.0. A new grant is one file and one line here. */
    const grants = { password: passwordGrant(kit), refresh_token: refreshGrant(kit) };
    const grantTypes = Object.keys(grants) as (keyof typeof grants)[];
    const grantOf = ({ grant_type: type }: Readonly<Record<string, unknown>>): Grant<never> | undefined => {
      const name = grantTypes.find((each) => each === type);
      return name && grants[name];
    };
    const inJson = <Input>(path: string, { exchange, ...grant }: Grant<Input>) =>
      defineRoute<Input>({
        method: 'post',
        path,
        accepts: 'json',
        ...grant,
        success: 200,
        tokens: true,
        handle: async (request) => ({ tokens: await exchange(request) }),
      });
    return {
      strategies: { local: createLocalStrategy(kit) },
      routes: [
        inJson('/token', grants.password),
        inJson('/refresh', grants.refresh_token),
        defineRoute<never>({
          method: 'post',
          path: '/token',
          accepts: 'form',
          // Which grant it is, the body says.
          attempts: (body) => grantOf(body)?.attempts,
          hashes: (body) => grantOf(body)?.hashes ?? false,
          rules: {
            choose: (body) => chooseGrantType(body, grantTypes),
            choices: { password: grants.password.rules, refresh_token: grants.refresh_token.rules },
          },
          success: 200,
          tokens: true,
          refusals: ['unsupported_grant_type', ...Object.values(grants).flatMap(({ refusals }) => refusals)],
          dialect: oauthDialect,
          async handle(request) {
            const grant: Grant<never> = grants[chooseGrantType(request.body, grantTypes)];
            return { tokens: await grant.exchange(request) };
          },
        }),
      ],
    };
  },
};
