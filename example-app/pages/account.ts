import { newPassword } from './entry.js';
import { feedback, form, hidden, inPlace, type SentBack } from './form.js';
import { type Html, html } from './html.js';

interface Account {
  user: {
    email: string;
    name?: string | null;
    phone?: string | null;
    company?: string | null;
    emailVerifiedAt?: Date | null;
  };
  sessions: readonly {
    id: string;
    device: string | null;
    ip: string | null;
    lastUsedAt: Date;
  }[];
  /** The session of this browser. */
  current: string;
  /** Of a new password. */
  minLength: number;
  back: SentBack;
}

const here = (name: string) => inPlace('/account', name);

const currentPassword = (name: string) =>
  ({ name, label: 'Current password', type: 'password', autocomplete: 'current-password' }) as const;

/** Everything about one's own account: each part is a form by itself, and works without a script. */
export function accountPage({ user, sessions, current, minLength, back }: Account): Html {
  return html`${part(
    'Profile',
    'How the app calls you.',
    form({
      action: '/auth/me',
      back,
      ...here('profile'),
      said: 'Your profile is saved.',
      fields: [
        { name: 'name', label: 'Name', autocomplete: 'name', value: user.name ?? '', required: false },
        {
          name: 'phone',
          label: 'Phone',
          type: 'tel',
          autocomplete: 'tel',
          value: user.phone ?? '',
          required: false,
        },
        {
          name: 'company',
          label: 'Company',
          autocomplete: 'organization',
          value: user.company ?? '',
          required: false,
        },
      ],
      button: 'Save',
    }),
  )}
${part(
  'Address',
  html`<strong>${user.email}</strong> ${user.emailVerifiedAt ? html`<span class="badge">confirmed</span>` : html`<span class="badge off">not confirmed</span>`}`,
  html`${user.emailVerifiedAt ? '' : resendForm(user.email, back)}
${form({
  action: '/auth/change-email',
  back,
  ...here('address'),
  said: 'A link is on its way to the new address. The change is made when it is confirmed.',
  fields: [
    { name: 'email', label: 'New address', type: 'email', autocomplete: 'email' },
    currentPassword('password'),
  ],
  owner: user.email,
  button: 'Change the address',
})}`,
)}
${part(
  'Password',
  'All other sessions end with a new one.',
  form({
    action: '/auth/change-password',
    back,
    ...here('password'),
    said: 'Your password is changed. All other sessions have ended.',
    fields: [
      currentPassword('current_password'),
      { ...newPassword(minLength), name: 'new_password', label: 'New password' },
    ],
    owner: user.email,
    button: 'Change the password',
  }),
)}
${part(
  'Sessions',
  'Where you are signed in.',
  html`${feedback(back.form === 'sessions' ? back : undefined, ENDED, html`id="sessions" tabindex="-1"`)}
<ul class="rows">
${sessions.map((session) => sessionRow(session, session.id === current))}
</ul>
${form({ action: '/auth/logout-all', returnTo: '/', fields: [], button: 'Log out everywhere', look: 'quiet' })}`,
)}
${part(
  'Delete the account',
  'It goes with everything that belongs to it, and does not come back.',
  form({
    action: '/auth/me/delete',
    back,
    ...here('deletion'),
    returnTo: '/',
    fields: [currentPassword('password')],
    owner: user.email,
    button: 'Delete my account',
    look: 'danger',
  }),
)}`;
}

/** A heading with a word about it, beside what belongs to it. */
function part(heading: string, about: Html | string, content: Html): Html {
  const id = `part-${heading.toLowerCase().replaceAll(' ', '-')}`;
  return html`<section class="part" aria-labelledby="${id}">
<div><h2 id="${id}">${heading}</h2><p class="about">${about}</p></div>
<div class="panel">${content}</div>
</section>`;
}

function resendForm(email: string, back: SentBack): Html {
  return form({
    action: '/auth/verify-email/resend',
    back,
    ...here('verification'),
    said: 'A link is on its way to your address.',
    fields: [],
    more: hidden('email', email),
    button: 'Mail me the link again',
    look: 'quiet',
  });
}

const ENDED = 'That session has ended.';

function sessionRow({ id, device, ip, lastUsedAt }: Account['sessions'][number], isCurrent: boolean): Html {
  const when = lastUsedAt.toISOString();
  return html`<li>
<span><strong>${device ?? 'An unknown device'}</strong> ${isCurrent ? html`<span class="badge">this one</span>` : ''}<br>
<span class="hint">${ip ?? 'unknown address'} · last used <time datetime="${when}">${when.slice(0, 16).replace('T', ' ')} UTC</time></span></span>
${isCurrent ? '' : endForm(id, device ?? 'an unknown device')}
</li>`;
}

function endForm(id: string, device: string): Html {
  const { returnTo, errorTo } = here('sessions');
  return form({
    action: `/auth/sessions/${id}/end`,
    returnTo,
    errorTo,
    said: ENDED,
    feedbackAt: 'sessions',
    fields: [],
    button: 'End',
    label: `End the session on ${device}`,
    look: 'quiet',
  });
}
