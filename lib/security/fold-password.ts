import { withoutInvisible } from './invisible-characters.js';

/**
 * The form in which passwords are compared with words that none may be: NFKC, case-folded, without invisible characters.
 * Who guesses tries the word, and a person sees no difference.
 */
export function foldPassword(text: string): string {
  // JavaScript has no case folding: by way of upper case it takes ß for ss, and both sigmas for one.
  return withoutInvisible(text.normalize('NFKC')).toUpperCase().toLowerCase().normalize('NFKC');
}
