import { nameOf, tableOf } from '../../conformance/route-rows.js';

/** Whom an attack is aimed at, and who is behind it. */
export interface Cast {
  victim: { email: string; password: string };
  attacker: { email: string; password: string };
  /** Of somebody whose address is not verified. */
  unverified: string;
  /** Of a user whom an admin can do something to. */
  userId: string;
  /** Of another session of the victim's. */
  sessionId: string;
}

/** A request that changes something, if it is let through. */
export interface Change {
  /** The row of the table: it may have several addresses. */
  row: string;
  method: string;
  path: string;
  fields: Record<string, unknown>;
  /** That it takes a form and nothing else. */
  isForm: boolean;
}

/** A new password that is good enough. */
const ANOTHER = 'wrong donkey charger';

/** What the rows are asked for: the right passwords too, so that nothing but the origin is in the way. */
const FIELDS: Readonly<Record<string, (cast: Cast) => Record<string, string>>> = {
  'POST /register': () => ({ email: 'newcomer@example.com', password: ANOTHER }),
  'POST /token': ({ attacker }) => ({
    grant_type: 'password',
    username: attacker.email,
    password: attacker.password,
  }),
  'POST /refresh': () => ({}),
  'POST /logout': () => ({}),
  'POST /logout-all': () => ({}),
  'POST /forgot-password': ({ victim }) => ({ email: victim.email }),
  'POST /verify-email/resend': ({ unverified }) => ({ email: unverified }),
  'POST /change-password': ({ victim }) => ({ current_password: victim.password, new_password: ANOTHER }),
  'POST /change-email': ({ victim }) => ({ email: 'elsewhere@example.com', password: victim.password }),
  'POST /confirm': ({ victim }) => ({ password: victim.password }),
  'PATCH /me': () => ({ name: 'Mallory' }),
  'POST /me': () => ({ name: 'Mallory' }),
  'DELETE /me': ({ victim }) => ({ password: victim.password }),
  'POST /me/delete': ({ victim }) => ({ password: victim.password }),
  'DELETE /sessions': () => ({}),
  'DELETE /sessions/:id': () => ({}),
  'POST /sessions/:id/end': () => ({}),
};

/** Rows that take the link of a mail and no cookie: who has one needs no victim. */
const BY_LINK = [
  'POST /forgot-password/validate',
  'POST /reset-password',
  'POST /verify-email',
  'POST /change-email/confirm',
  'POST /change-email/undo',
];

/** Every row that changes something, by each of its names, and what the app has itself. */
export function changesOf(cast: Cast): Change[] {
  return [...changesOfKit(cast), ...changesOfApp(cast)];
}

function changesOfKit(cast: Cast): Change[] {
  const rows = tableOf([]).filter(({ method }) => method !== 'get');
  const named = rows.flatMap((row) => [
    ...[row.path, ...(row.aliases ?? [])].map((path) => ({
      name: nameOf(row),
      method: row.method,
      path,
      isForm: false,
    })),
    ...(row.formPath
      ? [{ name: `POST ${row.formPath}`, method: 'post', path: row.formPath, isForm: true }]
      : []),
  ]);
  return named
    .filter(({ name }) => !BY_LINK.includes(name) && !name.endsWith('(form)'))
    .flatMap(({ name, method, path, isForm }) => {
      const fields = FIELDS[name];
      if (!fields) throw new Error(`what is ${name} to be asked for?`);
      // The profile is there twice.
      const mounts = path.startsWith('/me') ? ['/auth', ''] : ['/auth'];
      return mounts.map((mount) => ({
        row: name,
        method: method.toUpperCase(),
        path: `${mount}${path.replace(':id', cast.sessionId)}`,
        fields: fields(cast),
        isForm,
      }));
    });
}

function changesOfApp({ userId: id }: Cast): Change[] {
  const change = (row: string, fields = {}, isForm = false) => {
    const [method = '', path = ''] = row.split(' ');
    return { row, method, path: path.replace(':id', id), fields, isForm };
  };
  return [
    change('POST /admin', { action: 'disable', id }, true),
    change('POST /admin/users/:id/disable'),
    change('PUT /admin/users/:id/roles', { roles: ['editor'] }),
    change('DELETE /admin/users/:id/sessions'),
  ];
}
