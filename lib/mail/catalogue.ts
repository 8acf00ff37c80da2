import { checkKnown, nearMiss } from '../config/checks.js';
import type { EveryMailWords, MailTexts, MailWords } from '../config/mail.js';
import { chooseLanguage } from '../runtime/choose-language.js';
import type { MailKind } from './mail-kind.js';
import { EVERY_MAIL, OWN_LANGUAGE } from './texts.js';

/** The name of the words that all mails have, in the option's place of a mail's. */
const ALL = 'everyMail';

/** The words of all mails, in all the languages that there are. */
export interface Catalogue {
  /**
   * The language of a mail: the first wish that can be met, else English.
   *
   * @param wishes language tags or `Accept-Language` headers, the most important one first
   */
  languageOf(mail: string, wishes: readonly (string | null | undefined)[]): string;
  /** The words of a mail that has some. What is missing in the language is told in a wider one, then in English. */
  wordsOf(mail: string, language: string): MailWords;
  /** The words that every mail has. */
  everyMail(language: string): EveryMailWords;
}

type Words = MailWords & EveryMailWords;
type Kinds = ReadonlyMap<string, MailKind>;

/** @throws TypeError for a mail, a word or a value that there is not */
export function createCatalogue(kinds: Kinds, texts: MailTexts = {}): Catalogue {
  const english = englishOf(kinds);
  const languages = new Map<string, ReadonlyMap<string, Partial<Words>>>();
  for (const [tag, mails] of Object.entries(texts)) {
    checkMails(`mail.texts.${tag}`, mails as Record<string, Partial<Words>>, english);
    languages.set(canonical(tag), new Map(Object.entries(mails) as [string, Partial<Words>][]));
  }
  // English first: for who reads any language.
  const tags = [...new Set([OWN_LANGUAGE, ...languages.keys()])];
  const words = (mail: string, language: string): Words => {
    const said = widening(language).map((tag) => languages.get(tag)?.get(mail));
    return Object.assign({}, english.get(mail), ...said.reverse());
  };
  return {
    languageOf(mail, wishes) {
      // Of a mail in a form of its own nobody but its template knows in which languages it is.
      const isTold = (tag: string) =>
        !english.has(mail) || tag === OWN_LANGUAGE || languages.get(tag)?.has(mail);
      const told = tags.filter(isTold);
      const met = wishes.map((wish) => chooseLanguage(wish, told));
      return met.find((language) => language !== undefined) ?? OWN_LANGUAGE;
    },
    wordsOf: words,
    everyMail: (language) => words(ALL, language),
  };
}

/** What each mail says without an app's own words, and what all say. */
function englishOf(kinds: Kinds): ReadonlyMap<string, Partial<Words>> {
  const english = new Map<string, Partial<Words>>([[ALL, EVERY_MAIL]]);
  for (const [mail, { template }] of kinds) if (typeof template === 'object') english.set(mail, template);
  return english;
}

function checkMails(
  path: string,
  mails: Readonly<Record<string, Partial<Words>>>,
  english: ReadonlyMap<string, Partial<Words>>,
): void {
  checkKnown(mails, [...english.keys()], path);
  for (const [mail, words] of Object.entries(mails)) {
    const own = english.get(mail) as Partial<Words>;
    checkKnown(words, Object.keys(own), `${path}.${mail}`);
    const known = [...new Set(['app', ...placeholdersOf(...sentencesOf(own))])];
    for (const [word, says] of Object.entries(words))
      checkPlaceholders(`${path}.${mail}.${word}`, { [word]: says }, known);
  }
}

function checkPlaceholders(path: string, words: Partial<Words>, known: readonly string[]): void {
  const unknown = placeholdersOf(...sentencesOf(words)).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearMiss(unknown, known);
  const meant = near ? `; did you mean {${near}}?` : '';
  throw new TypeError(
    `${path}: unknown value {${unknown}}${meant}; allowed: ${known.map((name) => `{${name}}`).join(', ')}`,
  );
}

function sentencesOf(words: Partial<Words>): string[] {
  return Object.values(words).flat();
}

/** The values that some sentences name: `email` for `{email}`. */
export function placeholdersOf(...sentences: readonly string[]): string[] {
  return [...sentences.join(' ').matchAll(PLACEHOLDER)].map(([, name]) => name as string);
}

/** A value among the words: `{email}`. */
export const PLACEHOLDER = /\{(\w+)\}/g;

/** A tag and the wider ones: `zh-Hant-TW`, `zh-Hant`, `zh`. */
function widening(language: string): string[] {
  const parts = language.split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

function canonical(tag: string): string {
  return Intl.getCanonicalLocales(tag)[0] as string;
}
