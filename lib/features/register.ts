import { createUser } from '../accounts/create-user.js';
import { RegistrationClosed } from '../errors.js';
import { pickOwnFields } from '../http/own-fields.js';
import { defineRoute } from '../http/route.js';
import { emailAddress, personName, type Rules, requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { NAME_MAX_LENGTH } from '../models/base-user.js';
import { publicUser } from '../models/public-user.js';

interface Registration {
  email: string;
  password: string;
  name?: string | null;
}

const rules: Rules = {
  email: emailAddress('The email'),
  password: requiredString('The password'),
  name: personName('The name', NAME_MAX_LENGTH),
};

/** `POST /register`: a new user, not signed in yet. */
export const register: Feature = {
  name: 'register',
  routes: (kit) => [
    defineRoute<Registration>({
      method: 'post',
      path: '/register',
      accepts: 'json',
      rules,
      success: 201,
      async handle({ input, body, signal }) {
        if (kit.settings.registration === 'closed') throw new RegistrationClosed();
        const fields = pickOwnFields(body, kit.settings.registerFields);
        return publicUser(await createUser(kit, { ...input, fields, signal }));
      },
    }),
  ],
};
