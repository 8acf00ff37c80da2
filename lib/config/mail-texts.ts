import { checkText, isObject, refuse } from './checks.js';
import { checkLanguageTag } from './language-tag.js';
import type { MailTexts } from './mail.js';

/**
 * That the texts are sentences by language, mail and word. Which mails there are, and which words each has, the features
 * know: the catalogue checks that.
 *
 * @throws TypeError that names what is none
 */
export function checkMailTexts(name: string, given: unknown = {}): MailTexts {
  if (!isObject(given)) refuse(name, given, 'an object of language tags');
  for (const [language, mails] of Object.entries(given)) {
    checkLanguageTag(`a language of ${name}`, language);
    const path = `${name}.${language}`;
    if (!isObject(mails)) refuse(path, mails, 'an object of mails');
    for (const [mail, words] of Object.entries(mails)) {
      if (!isObject(words)) refuse(`${path}.${mail}`, words, 'an object of words, such as subject and what');
      for (const [word, says] of Object.entries(words)) checkSays(`${path}.${mail}.${word}`, word, says);
    }
  }
  return given as MailTexts;
}

function checkSays(path: string, word: string, says: unknown): void {
  if (word !== 'notes') checkText(path, says);
  else if (!Array.isArray(says)) refuse(path, says, 'an array of sentences');
  else for (const [index, note] of says.entries()) checkText(`${path}[${index}]`, note);
}
