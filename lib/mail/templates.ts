import type { MailContent, PasswordResetMail } from '../config/mail.js';

/**
 * The recovery mail, as it is without a template of the app's own. It does not repeat the user's name: whoever registers
 * somebody else's address chooses it, and our mail would carry their message.
 */
export function passwordReset({ user, url, expiresInMinutes }: PasswordResetMail): MailContent {
  const asked = `Somebody asked to reset the password of the account ${user.email}.`;
  const how = `The link works once, within ${expiresInMinutes} minutes.`;
  const ignore = 'If it was not you, ignore this mail: the password stays as it is.';
  return {
    subject: 'Reset your password',
    text: `${asked}\n\nTo choose a new password, open this link:\n\n${url}\n\n${how}\n${ignore}\n`,
    html: [
      '<!doctype html>',
      '<html lang="en"><head><meta charset="utf-8"><title>Reset your password</title></head>',
      '<body style="font-family: sans-serif; line-height: 1.5; color: #1a1a1a">',
      `<p>${escapeHtml(asked)}</p>`,
      `<p><a href="${escapeHtml(url)}">Choose a new password</a></p>`,
      `<p>${how}<br>${ignore}</p>`,
      `<p style="color: #666; font-size: small">If the link does not open, copy this address:<br>${escapeHtml(url)}</p>`,
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
