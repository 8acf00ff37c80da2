import { done, field, notice, type SentBack, ways } from './form.js';
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
  /** What has just been done, as the forms name it. */
  said: string | undefined;
  back: SentBack;
}

const SAID: Readonly<Record<string, string>> = {
  profile: 'Your profile is saved.',
  password: 'Your password is changed. All other sessions have ended.',
  email: 'A link is on its way to the new address. The change is made when it is confirmed.',
  session: 'That session has ended.',
  verification: 'A link is on its way to your address.',
};

/** Everything about one's own account: each part is a form by itself, and works without a script. */
export function accountPage({ user, sessions, current, said, back }: Account): Html {
  const text = said === undefined ? undefined : SAID[said];
  return html`${text ? done(text) : ''}${notice(back)}
<section class="panel" aria-labelledby="profile-heading">
<h2 id="profile-heading">Profile</h2>
<form method="post" action="/auth/me">
${field({ name: 'name', label: 'Name', autocomplete: 'name', value: user.name ?? '', required: false }, back)}
${field({ name: 'phone', label: 'Phone', type: 'tel', autocomplete: 'tel', value: user.phone ?? '', required: false }, back)}
${field({ name: 'company', label: 'Company', autocomplete: 'organization', value: user.company ?? '', required: false }, back)}
${ways('/account?done=profile', '/account')}
<button>Save</button>
</form>
</section>
<section class="panel" aria-labelledby="address-heading">
<h2 id="address-heading">Address</h2>
<p>${user.email} ${user.emailVerifiedAt ? html`<span class="badge">confirmed</span>` : html`is not confirmed yet.`}</p>
${user.emailVerifiedAt ? '' : resendForm(user.email)}
<form method="post" action="/auth/change-email">
${field({ name: 'email', label: 'New address', type: 'email', autocomplete: 'email' }, back)}
${field({ name: 'password', label: 'Current password', type: 'password', autocomplete: 'current-password' }, back)}
${ways('/account?done=email', '/account')}
<button>Change the address</button>
</form>
</section>
<section class="panel" aria-labelledby="password-heading">
<h2 id="password-heading">Password</h2>
<form method="post" action="/auth/change-password">
<input type="hidden" name="username" autocomplete="username" value="${user.email}">
${field({ name: 'current_password', label: 'Current password', type: 'password', autocomplete: 'current-password' }, back)}
${field({ name: 'new_password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: 'All other sessions end with it.', more: html`minlength="8" maxlength="256"` }, back)}
${ways('/account?done=password', '/account')}
<button>Change the password</button>
</form>
</section>
<section class="panel" aria-labelledby="sessions-heading">
<h2 id="sessions-heading">Where you are signed in</h2>
<ul class="rows">
${sessions.map((session) => sessionRow(session, session.id === current))}
</ul>
<form method="post" action="/auth/logout-all"><input type="hidden" name="return_to" value="/"><button class="quiet">Log out everywhere</button></form>
</section>
<section class="panel" aria-labelledby="deletion-heading">
<h2 id="deletion-heading">Delete the account</h2>
<p>It goes with everything that belongs to it, and does not come back.</p>
<form method="post" action="/auth/me/delete">
<div class="field"><label for="delete-password">Current password</label>
<input id="delete-password" name="password" type="password" autocomplete="current-password" required></div>
${ways('/', '/account')}
<button class="danger">Delete my account</button>
</form>
</section>`;
}

function resendForm(email: string): Html {
  return html`<form method="post" action="/auth/verify-email/resend">
<input type="hidden" name="email" value="${email}">
${ways('/account?done=verification', '/account')}
<p><button class="quiet">Mail me the link again</button></p>
</form>`;
}

function sessionRow({ id, device, ip, lastUsedAt }: Account['sessions'][number], isCurrent: boolean): Html {
  const when = lastUsedAt.toISOString();
  return html`<li>
<span><strong>${device ?? 'An unknown device'}</strong> ${isCurrent ? html`<span class="badge">this one</span>` : ''}<br>
<span class="hint">${ip ?? 'unknown address'} · last used <time datetime="${when}">${when.slice(0, 16).replace('T', ' ')} UTC</time></span></span>
${isCurrent ? '' : html`<form method="post" action="/auth/sessions/${id}/end">${ways('/account?done=session', '/account')}<button class="quiet">End</button></form>`}
</li>`;
}
