import { defineRoute } from '../http/route.js';
import type { Feature } from '../kit.js';
import { publicUser } from '../models/public-user.js';

/** `GET /me`: who is signed in. */
export const me: Feature = {
  name: 'me',
  routes: () => [
    defineRoute({
      method: 'get',
      path: '/me',
      guard: 'user',
      handle: async ({ signedIn }) => ({ status: 200, body: publicUser((await signedIn()).user) }),
    }),
  ],
};
