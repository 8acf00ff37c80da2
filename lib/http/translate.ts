import type { Request, Response } from 'express';
import type { AuthMessages } from '../config/messages.js';
import { AuthError, ValidationFailed } from '../errors.js';
import { chooseLanguage } from '../runtime/choose-language.js';

/** Says a refusal in the app's own words, where it has some in a language that the client reads. */
export type Translate = (error: AuthError, req: Request, res: Response) => AuthError;

/** The language of the kit's own words. */
const OWN = 'en';

/** Once a router. Without words of the app's own nothing is asked of a request. */
export function createTranslate(messages: AuthMessages = {}): Translate {
  const words = new Map(
    Object.entries(messages).map(([locale, sentences]) => [locale, new Map(Object.entries(sentences))]),
  );
  if (words.size === 0) return (error) => error;
  // The kit's own first: who asks for no language, or for any, is told what all were told before.
  const languages = [...new Set([OWN, ...words.keys()])];
  return (error, req, res) => {
    res.vary('Accept-Language');
    const language = chooseLanguage(req.get('accept-language'), languages) ?? OWN;
    const told = retell(error, (code) => words.get(language)?.get(code));
    if (told !== error) res.set('Content-Language', language);
    return told;
  };
}

type Sentence = (code: string) => string | undefined;

/** @returns the error itself where there are no words for it */
function retell(error: AuthError, sentence: Sentence): AuthError {
  const retold = error instanceof ValidationFailed ? retellFaults(error, sentence) : error;
  const detail = sentence(error.code);
  return detail === undefined ? retold : withParts(retold, { detail });
}

function retellFaults(error: ValidationFailed, sentence: Sentence): AuthError {
  if (!error.errors.some(({ code }) => sentence(code) !== undefined)) return error;
  const errors = error.errors.map((fault) => ({ ...fault, detail: sentence(fault.code) ?? fault.detail }));
  const { detail } = new ValidationFailed(errors);
  return withParts(error, { detail, errors, extensions: { ...error.extensions, errors } });
}

/** A copy of the same class: what is thrown may be thrown again, and for another client. */
function withParts(error: AuthError, parts: Partial<ValidationFailed>): AuthError {
  const { message, cause, stack, extensions } = error;
  const copy = new AuthError({ ...error, message, cause, extensions });
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  return Object.assign(copy, error, { stack }, parts);
}
