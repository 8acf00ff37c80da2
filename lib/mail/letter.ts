import type { Letter, MailWords } from '../config/mail.js';
import { PLACEHOLDER, placeholdersOf } from './catalogue.js';
import type { MailData } from './mail-kind.js';

/** What the words of a mail are filled with. */
export interface Filling {
  data: MailData;
  appName: string;
  language: string;
}

/**
 * A mail in words, with its values: `email`, `app`, how long the link works (`minutes`, `hours`, `days`), and whatever its
 * sender gave. Times are told in UTC.
 */
export function letterOf(words: MailWords, { data, appName, language }: Filling): Letter {
  const { user, url, expiresInMinutes, ...given } = data;
  const values = new Map<string, unknown>(
    Object.entries({
      ...given,
      email: user.email,
      app: appName,
      ...(expiresInMinutes !== undefined && {
        minutes: expiresInMinutes,
        hours: expiresInMinutes / 60,
        days: expiresInMinutes / 1440,
      }),
    }),
  );
  const fill = (sentence: string) =>
    sentence.replace(PLACEHOLDER, (_, name: string) => told(values.get(name), language) ?? '');
  const isKnown = (note: string) => placeholdersOf(note).every((name) => told(values.get(name), language));
  const code = told(values.get('code'), language);
  return {
    subject: fill(words.subject),
    what: fill(words.what),
    ...(url !== undefined && {
      link: {
        url,
        button: fill(words.button ?? words.subject),
        purpose: words.purpose && fill(words.purpose),
      },
    }),
    ...(words.code !== undefined && code !== undefined && { code: { says: fill(words.code), value: code } }),
    notes: (words.notes ?? []).filter(isKnown).map(fill),
  };
}

/** A value in words; undefined where it is not known. */
function told(value: unknown, language: string): string | undefined {
  if (value instanceof Date) {
    const format = { dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23', timeZone: 'UTC' } as const;
    return `${new Intl.DateTimeFormat(language, format).format(value)} UTC`;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
