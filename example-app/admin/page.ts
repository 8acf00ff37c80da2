import express, { type Request, Router } from 'express';
import { AuthError } from 'express-auth-kit';
import { done, failed } from '../pages/form.js';
import { type Html, html } from '../pages/html.js';
import type { SendPage } from '../pages/layout.js';
import { type Actions, type Auth, createActions } from './actions.js';
import { ADMIN } from './keep-an-admin.js';
import { listUsers, type showUser } from './list-users.js';

type ListedUser = ReturnType<typeof showUser>;

/** What the buttons of a row do, by the name that a form sends, and what is said then. */
const BUTTONS: Readonly<
  Record<string, { does(actions: Actions, id: unknown, req: Request): Promise<void>; said: string }>
> = {
  disable: {
    does: (actions, id, req) => actions.disable(id, req),
    said: 'The user is disabled: no login, no session.',
  },
  enable: { does: (actions, id, req) => actions.enable(id, req), said: 'The user can log in again.' },
  'end-sessions': {
    does: (actions, id, req) => actions.endSessions(id, req),
    said: 'All sessions of the user have ended.',
  },
  'make-admin': {
    does: (actions, id, req) => actions.setRoles(id, [ADMIN], req),
    said: 'The user is an admin now.',
  },
  'take-role': {
    does: (actions, id, req) => actions.setRoles(id, [], req),
    said: 'The user is no admin any more.',
  },
};

/** `/admin`: the users, for admins with a browser. */
export function createAdminPage(auth: Auth, sendPage: SendPage): Router {
  const actions = createActions(auth);
  const page = Router();
  page.use(auth.requireUserOr('/login'), auth.requireRole(ADMIN));
  page.get('/', async (req, res) => {
    const content = adminPage(await listUsers(req.query), req.query);
    sendPage(res, { title: 'Users', user: req.user, content });
  });
  // A cookie says who it is: the guard has asked where the form came from.
  page.post('/', express.urlencoded({ extended: false }), async (req, res) => {
    const { action, id } = (req.body ?? {}) as Record<string, unknown>;
    const button = Object.hasOwn(BUTTONS, String(action)) ? BUTTONS[String(action)] : undefined;
    try {
      await button?.does(actions, id, req);
      res.redirect(303, `/admin?done=${encodeURIComponent(String(action))}`);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      res.redirect(303, `/admin?error=${error.code}`);
    }
  });
  return page;
}

function adminPage(
  { users, next }: { users: ListedUser[]; next?: string | null | undefined },
  query: Readonly<Record<string, unknown>>,
): Html {
  const said = Object.hasOwn(BUTTONS, String(query.done)) ? BUTTONS[String(query.done)]?.said : undefined;
  const error =
    query.error === 'last_admin' ? 'This is the last admin: make another one first.' : 'That did not work.';
  return html`${said ? done(said) : ''}${query.error ? failed(error) : ''}
<form method="get" action="/admin" class="search" role="search">
<label for="email">The address begins with</label>
<input id="email" name="email" type="search" autocomplete="off" value="${typeof query.email === 'string' ? query.email : ''}">
<button class="quiet">Search</button>
</form>
<section class="panel" aria-label="Users">
${users.length === 0 ? html`<p>Nobody.</p>` : html`<ul class="rows">${users.map(userRow)}</ul>`}
${next ? html`<p><a href="/admin?after=${next}">More</a></p>` : ''}
</section>`;
}

function userRow({ id, email, name, roles, disabledAt }: ListedUser): Html {
  const isAdmin = roles.includes(ADMIN);
  return html`<li>
<span><strong>${email}</strong> ${isAdmin ? html`<span class="badge">admin</span>` : ''} ${disabledAt ? html`<span class="badge off">disabled</span>` : ''}<br><span class="hint">${name ?? ''}</span></span>
<form method="post" action="/admin" class="actions" aria-label="${email}">
<input type="hidden" name="id" value="${id}">
${isAdmin ? button('take-role', 'Remove admin') : button('make-admin', 'Make admin')}
${button('end-sessions', 'End sessions')}
${disabledAt ? button('enable', 'Enable') : button('disable', 'Disable')}
</form>
</li>`;
}

function button(action: string, label: string): Html {
  return html`<button class="quiet" name="action" value="${action}">${label}</button>`;
}
