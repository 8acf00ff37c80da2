import { createUser } from '../accounts/create-user.js';
import { RegistrationClosed } from '../errors.js';
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
      async handle({ input, body }) {
        if (kit.settings.registration === 'closed') throw new RegistrationClosed();
        const user = await createUser(kit, { ...input, fields: pick(body, kit.settings.registerFields) });
        return { status: 201, body: publicUser(user) };
      },
    }),
  ],
};

/** The fields that the app allows, as they came: its schema casts and validates them. */
function pick(body: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(body, name)).map((name) => [name, body[name]]),
  );
}
