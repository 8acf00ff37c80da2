import { AuthClientError } from 'express-auth-kit/client';
import { said, showRefusal } from './feedback.js';
import type { Auth } from './main.js';

/** What a form holds, by the names of its fields; of a repeated one the last. */
type Fields = Readonly<Record<string, string>>;

/** What becomes of a form that is sent: its page goes on to where the form leads, or stays. */
interface Deed {
  send(fields: Fields, action: string): Promise<unknown>;
  /** For pages that stay. */
  stay?(form: HTMLFormElement): void;
}

/** What each form of the pages asks of the client, by what it posts to. Any other form is the browser's. */
function deedsOf(auth: Auth): Readonly<Record<string, Deed>> {
  return {
    '/auth/register': {
      send: ({ email = '', password = '', name }) => auth.register({ email, password, name: name || null }),
    },
    '/auth/token': {
      async send({ username = '', password = '', remember }) {
        const { state } = await auth.login({ username, password, remember: remember !== 'false' });
        if (state === 'challenge') throw new NeedsBrowser();
      },
    },
    '/auth/logout': { send: () => auth.logout() },
    '/auth/logout-all': { send: () => auth.logoutAll() },
    '/auth/forgot-password': { send: ({ email = '' }) => auth.forgotPassword(email) },
    '/auth/reset-password': {
      send: ({ token = '', password = '' }) => auth.resetPassword({ token, password }),
    },
    '/auth/verify-email': { send: ({ token = '' }) => auth.verifyEmail(token) },
    '/auth/change-email/confirm': { send: ({ token = '' }) => auth.confirmEmailChange(token) },
    '/auth/change-email/undo': { send: ({ token = '' }) => auth.undoEmailChange(token) },
    '/auth/me': {
      send: ({ name, phone, company }) =>
        auth.updateMe({ name: name || null, phone: phone || null, company: company || null }),
      stay: said,
    },
    '/auth/me/delete': { send: ({ password = '' }) => auth.deleteMe({ password }) },
    '/auth/change-email': {
      send: ({ email = '', password = '' }) => auth.changeEmail({ email, password }),
      stay: saidAndCleared,
    },
    '/auth/change-password': {
      send: ({ current_password: currentPassword = '', new_password: newPassword = '' }) =>
        auth.changePassword({ currentPassword, newPassword }),
      stay(form) {
        saidAndCleared(form);
        // All other sessions have ended with it.
        for (const end of document.querySelectorAll('form[action^="/auth/sessions/"]')) vanish(end);
      },
    },
    '/auth/verify-email/resend': { send: ({ email = '' }) => auth.resendVerification(email), stay: said },
    '/auth/sessions/:id/end': {
      send: (_fields, action) => auth.endSession(action.split('/').at(-2) ?? ''),
      stay(form) {
        said(form);
        vanish(form);
      },
    },
  };
}

/**
 * A step that is a page of its own. The form is sent once more, as it is: only so does the kit keep for that page which sign-in it
 * belongs to, and where it leads.
 */
class NeedsBrowser extends Error {}

/** Sends the forms of the page by the client. */
export function enhanceForms(auth: Auth): { whenIdle(run: () => void): void } {
  const deeds = deedsOf(auth);
  const sending = new Set<HTMLFormElement>();
  let waiting: (() => void) | undefined;

  async function send(form: HTMLFormElement, deed: Deed): Promise<void> {
    sending.add(form);
    form.setAttribute('aria-busy', 'true');
    let leave: (() => void) | undefined;
    try {
      leave = await deedOf(form, deed);
    } finally {
      form.removeAttribute('aria-busy');
      // What the browser is on its way to is asked for once.
      if (!leave) sending.delete(form);
    }
    if (leave) leave();
    else if (sending.size === 0) waiting?.();
  }

  /** @returns how the page is left, if it is */
  async function deedOf(form: HTMLFormElement, deed: Deed): Promise<(() => void) | undefined> {
    const destination = destinationOf(form);
    try {
      await deed.send(valuesOf(form), actionOf(form));
      if (!deed.stay) return () => location.assign(destination);
      deed.stay(form);
    } catch (error) {
      if (error instanceof NeedsBrowser) return () => form.submit();
      if (!(error instanceof AuthClientError)) throw error;
      if (isNobody(error)) return () => location.reload();
      showRefusal(form, error);
    }
    return undefined;
  }

  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const deed = deeds[actionOf(form).replace(/^(\/auth\/sessions\/)[^/]+/, '$1:id')];
    if (!deed) return;
    event.preventDefault();
    if (!sending.has(form)) void send(form, deed);
  });
  return {
    /** Not while a form is under way: what it has to say would be lost. */
    whenIdle(run) {
      if (sending.size === 0) run();
      else waiting = run;
    },
  };
}

/** Not `form.action`: a field of that name would hide it. */
function actionOf(form: HTMLFormElement): string {
  return form.getAttribute('action') ?? '';
}

function valuesOf(form: HTMLFormElement): Fields {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

/** Where the form leads: a page of ours, whatever the address of this page says. */
function destinationOf(form: HTMLFormElement): string {
  const wanted = valuesOf(form)['return_to'] ?? '/';
  if (!URL.canParse(wanted, location.origin)) return '/';
  const { protocol, host, pathname, search, hash } = new URL(wanted, location.origin);
  const isOurs = protocol === location.protocol && host === location.host && !pathname.startsWith('//');
  return isOurs ? pathname + search + hash : '/';
}

/** Whether the session is over: the page then leads to the login, and back. */
function isNobody({ status, code }: AuthClientError): boolean {
  return status === 401 && ['missing_token', 'invalid_token', 'invalid_refresh_token'].includes(code);
}

function saidAndCleared(form: HTMLFormElement): void {
  said(form);
  form.reset();
}

/** Takes a row out of the list, where the reader sees that it goes. */
function vanish(within: Element): void {
  const row = within.closest('li');
  if (!row) return;
  row.classList.add('going');
  const { finished } = row.animate({ opacity: [1, 0] }, { duration: prefersStillness() ? 0 : 250 });
  void finished.finally(() => row.remove());
}

const prefersStillness = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
