import type { EveryMailWords, MailTemplates, MailWords } from '../config/mail.js';

/** The language of the kit's own words. */
export const OWN_LANGUAGE = 'en';

export const EVERY_MAIL: EveryMailWords = { copy: 'If the link does not open, copy this address:' };

/** Of notices. A line whose value is not known is left out. */
const FROM_WHERE = ['When: {when}', 'Device: {device}', 'IP address: {ip}'] as const;

/**
 * The words of the kit's mails. None repeats the user's name: whoever registers somebody else's address chooses it, and our
 * mail would carry their message.
 */
export const TEXTS = {
  /** The recovery mail. */
  passwordReset: {
    subject: 'Reset your password',
    what: 'Somebody asked to reset the password of the account {email}.',
    button: 'Choose a new password',
    purpose: 'To choose a new password, open this link:',
    notes: [
      'The link works once, within {minutes} minutes.',
      'If it was not you, ignore this mail: the password stays as it is.',
    ],
  },

  /** Verifies an address. Whoever confirms the account of a stranger lets the stranger in. */
  verifyEmail: {
    subject: 'Confirm your email address',
    what: 'Somebody made an account with the address {email}.',
    button: 'Confirm the address',
    purpose: 'If it was you, confirm the address, open this link:',
    notes: [
      'The link works once, within {hours} hours.',
      'Not you? Do not confirm: whoever made the account could use it in your name.',
    ],
  },

  /** To the owner of an address that somebody tried to register with. */
  alreadyRegistered: {
    subject: 'You already have an account',
    what: 'Somebody tried to make an account with the address {email}, which has one already.',
    notes: [
      'If it was you, log in; if you have forgotten the password, ask for a new one there.',
      'If it was not you, ignore this mail: nothing has changed.',
    ],
  },

  /** To who is being guessed at, once a day. */
  passwordGuessed: {
    subject: 'Somebody is trying to sign in to your account',
    what: 'A wrong password was given for the account {email} many times.',
    notes: [
      'When: {when}',
      'IP address: {ip}',
      'If it was you, wait a few minutes, or choose a new password where you sign in: that works at once.',
      'If it was not you, there is nothing to do: nobody got in this way. A password that you use nowhere else keeps it so.',
    ],
  },

  /** To the new address of an account. It names no other address of it: this one may be a stranger's. */
  changeEmail: {
    subject: 'Confirm your new email address',
    what: 'Somebody asked to use the address {wanted} for their account.',
    button: 'Use this address',
    purpose: 'If it was you, confirm it, open this link:',
    notes: [
      'The link works once, within {hours} hours.',
      'Not you? Do not confirm: the account is not yours.',
    ],
  },

  /** To the address that an account has had so far. */
  undoEmailChange: {
    subject: 'Your email address is to be changed',
    what: 'Somebody who is signed in to your account asked to change its address to {wanted}.',
    button: 'It was not me: undo it',
    purpose: 'If it was not you, undo it, open this link:',
    notes: [
      'If it was you, there is nothing to do.',
      'The undo works for {days} days, also after the change: it ends all sessions, removes the password, and mails you a link to choose a new one.',
    ],
  },

  /** To the holder of an address that another account wants to have. */
  emailInUse: {
    subject: 'Somebody wanted to use your email address',
    what: 'Somebody tried to use the address {email} for another account. It stays yours.',
    notes: ['If it was you: you have an account with this address already.', 'Nothing has changed.'],
  },

  /** After a change, a reset, and a password set by the app. */
  passwordChanged: {
    subject: 'Your password was changed',
    what: 'The password of the account {email} was changed. All sessions from before have ended.',
    notes: [
      ...FROM_WHERE,
      'If it was you, there is nothing to do.',
      'If it was not you, ask for a new password at once, where you log in: that ends all sessions.',
    ],
  },

  /** To the address that an account had until now. */
  emailChanged: {
    subject: 'Your email address was changed',
    what: 'The address of your account was changed from {former} to {wanted}.',
    notes: [
      ...FROM_WHERE,
      'If it was you, there is nothing to do.',
      'If it was not you, undo it: the link in the mail that we sent when the change was asked for works for {days} days from then.',
    ],
  },

  /** To the address that an account has from now on. */
  newEmail: {
    subject: 'Your new email address is in force',
    what: 'The address of your account is {wanted} now. Log in with it from now on.',
    notes: [...FROM_WHERE],
  },

  /** After a sign-in from a device that was not there before. */
  newSignIn: {
    subject: 'New sign-in to your account',
    what: 'Somebody signed in to the account {email} from a device that was not used before.',
    notes: [
      ...FROM_WHERE,
      'If it was you, there is nothing to do.',
      'If it was not you, change the password at once: that ends all sessions.',
    ],
  },
} satisfies Record<keyof MailTemplates, MailWords>;
