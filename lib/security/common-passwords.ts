import { foldPassword } from './fold-password.js';

/**
 * Some 49,000 of the most used passwords, from the dictionary of zxcvbn-ts (package `@zxcvbn-ts/language-common`, MIT).
 * Loaded when first needed: half a megabyte that a process without registrations never reads.
 */
let loading: Promise<ReadonlySet<string>> | undefined;

/** @returns the list, in the form that `foldPassword` gives */
export function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  loading ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].map((entry) => foldPassword(String(entry)))),
  );
  return loading;
}
