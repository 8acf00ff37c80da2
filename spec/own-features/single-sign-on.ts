import { AuthError, InvalidCredentials } from 'express-auth-kit';
import {
  type CollectionDefinition,
  defineRoute,
  type Feature,
  type Proof,
  signIn,
} from 'express-auth-kit/feature';
import { allowInsecureRequests, Configuration } from 'openid-client';
import { Strategy } from 'openid-client/passport';

const IDENTITIES: CollectionDefinition = {
  name: 'app_identities',
  fields: { subject: { type: String, required: true } },
  indexes: [{ keys: { subject: 1, kind: 1 }, unique: true }],
};

interface Provider {
  issuer: string;
  clientId: string;
  callbackUrl: string;
}

/** A feature as an app writes one: its company's OpenID Connect provider. It touches nothing of the kit's. */
export function singleSignOn({ issuer, clientId, callbackUrl }: Provider): Feature {
  const endpoint = (path: string) => new URL(path, issuer).href;
  const config = new Configuration(
    {
      issuer,
      authorization_endpoint: endpoint('/authorize'),
      token_endpoint: endpoint('/token'),
      jwks_uri: endpoint('/jwks'),
    },
    clientId,
    'a secret of the client',
  );
  allowInsecureRequests(config);
  return {
    name: 'single-sign-on',
    collections: [IDENTITIES],
    setup(kit) {
      const identities = kit.collections.get<{ user: unknown; subject: string }>(IDENTITIES);
      const advance: Parameters<typeof defineRoute>[0]['handle'] = async ({ req, context }) => {
        const outcome = await kit.redirectFlow.advance<{ subject: string }>('company', req).catch((cause) => {
          throw new AuthError({ status: 401, code: 'provider_failed', detail: 'Try again', cause });
        });
        const { headers } = outcome;
        if (outcome.type === 'redirect') return { redirect: outcome.url, headers };
        const identity = outcome.user && (await identities.find({ subject: outcome.user.subject }));
        const user = identity && (await kit.users.findById(identity.user, { withCredentials: true }));
        if (!user) throw new InvalidCredentials();
        const proof: Proof = { method: 'company', kinds: ['federated'], amr: ['fed'], at: kit.now() };
        return { tokens: await signIn(kit, user, { proofs: [proof], context }), headers };
      };
      return {
        redirectStrategies: {
          company: new Strategy({ config, callbackURL: callbackUrl, scope: 'openid' }, (tokens, verified) =>
            verified(null, { subject: tokens.claims()?.sub } as never),
          ),
        },
        routes: [
          defineRoute({ method: 'get', path: '/company', success: 302, handle: advance }),
          defineRoute({
            method: 'get',
            path: '/company/callback',
            success: 200,
            tokens: true,
            refusals: ['invalid_credentials', 'provider_failed', 'second_factor_required'],
            handle: advance,
          }),
        ],
      };
    },
  };
}
