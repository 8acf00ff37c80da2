import { defineRoute } from '../http/route.js';
import { objectOf } from '../http/shapes.js';
import type { Feature } from '../kit.js';

/** A new key is to verify everywhere for longer than this before it signs anywhere. */
const MAX_AGE_SECONDS = 300;

/** `GET /.well-known/jwks.json`: the public keys, by which other services verify access tokens (RFC 7517). */
export const jwks: Feature = {
  name: 'jwks',
  setup: (kit) => ({
    routes: [
      defineRoute({
        method: 'get',
        path: '/.well-known/jwks.json',
        success: 200,
        answer: objectOf({ keys: { type: 'array', items: { type: 'object' } } }),
        cacheControl: `public, max-age=${MAX_AGE_SECONDS}`,
        handle: async () => ({ body: kit.keys.jwks() }),
      }),
    ],
  }),
};
