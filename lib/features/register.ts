import { checkAccount, createUser } from '../accounts/create-user.js';
import { RegistrationClosed } from '../errors.js';
import { defineRoute } from '../http/route.js';
import { PUBLIC_USER } from '../http/shapes.js';
import { emailAddress, personName, requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { NAME_MAX_LENGTH } from '../models/base-user.js';
import { publicUser } from '../models/public-user.js';

interface Registration {
  email: string;
  password: string;
  name?: string | null;
}

/** `POST /register`: a new user, not signed in yet. */
export const register: Feature = {
  name: 'register',
  setup: (kit) => ({
    routes: [
      defineRoute<Registration>({
        method: 'post',
        path: '/register',
        accepts: 'json',
        hashes: true,
        rules: {
          email: emailAddress('The email'),
          password: requiredString('The password'),
          name: personName('The name', NAME_MAX_LENGTH),
        },
        ownFields: kit.settings.registerFields,
        success: 201,
        answer: PUBLIC_USER,
        refusals: ['email_taken', 'registration_closed'],
        checkRest: ({ input, fields }) => checkAccount(kit, { ...input, fields }),
        async handle({ input, body, fields, context, signal }) {
          if (kit.settings.registration === 'closed') throw new RegistrationClosed();
          const { password: _secret, ...shown } = { ...body, ...input };
          const admit = () => kit.hooks.beforeRegister({ input: shown, context });
          const user = await createUser(kit, { ...input, fields, context, admit, signal });
          return { body: publicUser(user) };
        },
      }),
    ],
  }),
};
