import { refuse } from './checks.js';

/**
 * RFC 5646 section 2.2.1: a language has two letters or three. `french` could be registered, and no browser sends it.
 *
 * @param name what the message is to call it
 * @throws TypeError for what is no language tag
 */
export function checkLanguageTag(name: string, tag: string): void {
  if (!isLanguageTag(tag)) refuse(name, tag, 'a language tag, e.g. fr or pt-BR');
}

function isLanguageTag(text: string): boolean {
  try {
    return /^[a-z]{2,3}(-|$)/i.test(text) && Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
