import { domainToASCII, domainToUnicode } from 'node:url';
import validator from 'validator';
import { hasInvisible } from './invisible-characters.js';

/** RFC 5321 section 4.5.3.1.3, less the brackets. In UTF-16 code units, checked before anything is normalised. */
const EMAIL_MAX_LENGTH = 254;

/**
 * What `validator` is asked for. No quoted local parts: mail software splits them at commas and semicolons. The
 * characters become the class of a regular expression: `\s` there is white space of every script.
 */
const EMAIL_OPTIONS = {
  allow_display_name: false,
  allow_utf8_local_part: true,
  require_tld: true,
  blacklisted_chars: '"\\\\,;:<>()\\[\\]\\s',
} as const;

/**
 * The one form in which an address is stored and looked up: trimmed, NFC, lower-cased, nothing else changed. Dots
 * and plus tags are the mailbox owner's business.
 */
export function normalizeEmail(email: string): string {
  if (email.length > 2 * EMAIL_MAX_LENGTH) return email;
  // Lower-casing can undo NFC: J with a caron has no letter of its own, j with a caron has one.
  return email.trim().normalize('NFC').toLowerCase().normalize('NFC');
}

/** Whether a normalised address can be stored and mailed to. */
export function isEmailAddress(email: string): boolean {
  const plain = email.length <= EMAIL_MAX_LENGTH && email.isWellFormed() && !hasInvisible(email);
  return (
    plain && validator.isEmail(email, EMAIL_OPTIONS) && isOwnDomain(email.slice(email.lastIndexOf('@') + 1))
  );
}

/**
 * Whether the domain stays what it is on the way: mail software drops some characters that cannot be seen and takes
 * others for the letters they look like (UTS 46), and the mail would be for somebody else.
 */
function isOwnDomain(domain: string): boolean {
  const ascii = domainToASCII(domain);
  return ascii === domain || domainToUnicode(ascii) === domain;
}
