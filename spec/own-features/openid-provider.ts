import { createHash, randomUUID } from 'node:crypto';
import express from 'express';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { serve } from '../support/test-app.js';

/** A provider of OpenID Connect, on a port of its own: whoever comes is the user it is told. */
export interface OpenIdProvider {
  issuer: string;
  /** The subject that the next browser is signed in as; null: its user says no. */
  signedInAs: string | null;
  close(): void;
}

/** OpenID Connect Core section 3.1, with PKCE (RFC 7636). */
export async function startOpenIdProvider(clientId: string): Promise<OpenIdProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const grants = new Map<string, { subject: string; challenge: string }>();
  const app = express();
  const served = await serve(app);
  const provider: OpenIdProvider = { issuer: served.url, signedInAs: null, close: served.close };

  app.get('/authorize', (req, res) => {
    const query = req.query as Record<string, string>;
    const back = new URL(query['redirect_uri'] as string);
    if (query['state']) back.searchParams.set('state', query['state']);
    if (provider.signedInAs === null) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomUUID();
      grants.set(code, { subject: provider.signedInAs, challenge: query['code_challenge'] as string });
      back.searchParams.set('code', code);
    }
    res.redirect(back.href);
  });
  app.post('/token', express.urlencoded({ extended: false }), async (req, res) => {
    const { code, code_verifier } = req.body as Record<string, string>;
    const grant = grants.get(code as string);
    grants.delete(code as string);
    const challenge = createHash('sha256').update(String(code_verifier)).digest('base64url');
    if (grant?.challenge !== challenge) return void res.status(400).json({ error: 'invalid_grant' });
    const id_token = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(provider.issuer)
      .setAudience(clientId)
      .setSubject(grant.subject)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);
    res.json({ access_token: randomUUID(), token_type: 'bearer', id_token });
  });
  app.get('/jwks', async (_req, res) => {
    res.json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] });
  });
  return provider;
}
