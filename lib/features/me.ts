import { confirmPassword } from '../accounts/check-password.js';
import { deleteUser } from '../accounts/delete-user.js';
import { WrongPassword } from '../errors.js';
import { defineRoute } from '../http/route.js';
import { requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { publicUser } from '../models/public-user.js';

/** `GET /me`: who is signed in. `DELETE /me`: the user is gone, and so is every session. */
export const me: Feature = {
  name: 'me',
  routes: (kit) => [
    defineRoute({
      method: 'get',
      path: '/me',
      guard: 'user',
      handle: async ({ signedIn }) => ({ status: 200, body: publicUser((await signedIn()).user) }),
    }),
    defineRoute<{ password: string }>({
      method: 'delete',
      path: '/me',
      guard: 'user',
      accepts: 'json',
      rules: { password: requiredString('The password') },
      async handle({ input, signedIn }) {
        const { user } = await signedIn();
        const confirmed = await confirmPassword(kit, user._id, input.password);
        const deleted = await deleteUser(kit, user, { ifUnchangedSince: confirmed });
        if (!deleted) throw new WrongPassword({ message: 'the credentials were changed meanwhile' });
        return { status: 204 };
      },
    }),
  ],
};
