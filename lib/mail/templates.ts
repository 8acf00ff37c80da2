import type {
  AlreadyRegisteredMail,
  ChangeEmailMail,
  EmailInUseMail,
  MailContent,
  PasswordResetMail,
  VerifyEmailMail,
} from '../config/mail.js';

// The mails as they are without templates of the app's own. None repeats the user's name: whoever registers somebody else's
// address chooses it, and our mail would carry their message.

/** The recovery mail. */
export function passwordReset({ user, url, expiresInMinutes }: PasswordResetMail): MailContent {
  return write({
    subject: 'Reset your password',
    what: `Somebody asked to reset the password of the account ${user.email}.`,
    link: { url, says: 'Choose a new password', purpose: 'To choose a new password' },
    notes: [
      `The link works once, within ${expiresInMinutes} minutes.`,
      'If it was not you, ignore this mail: the password stays as it is.',
    ],
  });
}

/** The mail that verifies an address. Whoever confirms the account of a stranger lets the stranger in. */
export function verifyEmail({ user, url, expiresInMinutes }: VerifyEmailMail): MailContent {
  return write({
    subject: 'Confirm your email address',
    what: `Somebody made an account with the address ${user.email}.`,
    link: { url, says: 'Confirm the address', purpose: 'If it was you, confirm the address' },
    notes: [
      `The link works once, within ${expiresInMinutes / 60} hours.`,
      'Not you? Do not confirm: whoever made the account could use it in your name.',
    ],
  });
}

/** The mail to the owner of an address that somebody tried to register with. */
export function alreadyRegistered({ user }: AlreadyRegisteredMail): MailContent {
  return write({
    subject: 'You already have an account',
    what: `Somebody tried to make an account with the address ${user.email}, which has one already.`,
    notes: [
      'If it was you, log in; if you have forgotten the password, ask for a new one there.',
      'If it was not you, ignore this mail: nothing has changed.',
    ],
  });
}

/** The mail to the new address of an account. */
export function changeEmail({ url, wanted, expiresInMinutes }: ChangeEmailMail): MailContent {
  return write({
    subject: 'Confirm your new email address',
    what: `Somebody asked to use the address ${wanted} for their account.`,
    link: { url, says: 'Use this address', purpose: 'If it was you, confirm it' },
    notes: [
      `The link works once, within ${expiresInMinutes / 60} hours.`,
      'Not you? Do not confirm: the account is not yours.',
    ],
  });
}

/** The mail to the address that an account has had so far. */
export function undoEmailChange({ url, wanted, expiresInMinutes }: ChangeEmailMail): MailContent {
  return write({
    subject: 'Your email address is to be changed',
    what: `Somebody who is signed in to your account asked to change its address to ${wanted}.`,
    link: { url, says: 'It was not me: undo it', purpose: 'If it was not you, undo it' },
    notes: [
      'If it was you, there is nothing to do.',
      `The undo works for ${expiresInMinutes / 1440} days, also after the change: it ends all sessions, removes the password, and mails you a link to choose a new one.`,
    ],
  });
}

/** The mail to the holder of an address that another account wants to have. */
export function emailInUse({ user }: EmailInUseMail): MailContent {
  return write({
    subject: 'Somebody wanted to use your email address',
    what: `Somebody tried to use the address ${user.email} for another account. It stays yours.`,
    notes: ['If it was you: you have an account with this address already.', 'Nothing has changed.'],
  });
}

interface Letter {
  subject: string;
  what: string;
  link?: { url: string; says: string; purpose: string };
  notes: readonly string[];
}

function write({ subject, what, link, notes }: Letter): MailContent {
  return {
    subject,
    text: [what, ...(link ? [`${link.purpose}, open this link:`, link.url] : []), notes.join('\n')]
      .join('\n\n')
      .concat('\n'),
    html: [
      '<!doctype html>',
      `<html lang="en"><head><meta charset="utf-8"><title>${subject}</title></head>`,
      '<body style="font-family: sans-serif; line-height: 1.5; color: #1a1a1a">',
      `<p>${escapeHtml(what)}</p>`,
      ...(link ? [`<p><a href="${escapeHtml(link.url)}">${link.says}</a></p>`] : []),
      `<p>${notes.map(escapeHtml).join('<br>')}</p>`,
      ...(link
        ? [
            `<p style="color: #666; font-size: small">If the link does not open, copy this address:<br>${escapeHtml(link.url)}</p>`,
          ]
        : []),
      '</body></html>',
      '',
    ].join('\n'),
  };
}

/**
 * For templates: text that users chose, safe in HTML.
 *
 * @example
 * const html = `<p>Hello ${escapeHtml(user.displayName)}</p>`;
 */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}
