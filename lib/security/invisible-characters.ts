/**
 * Controls, format characters (changes of direction among them), line separators, what fonts draw nothing for, and what is
 * no character; besides, those that Unicode takes for symbols and that look like nothing: a blank of Braille, the place of
 * an object, a filler of Khitan, a note without a head.
 */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\ufffc\u{16fe4}\u{1d159}]/gu;

/** Whether a text has characters that cannot be seen: what it seems to be is not what it is. */
export function hasInvisible(text: string): boolean {
  return withoutInvisible(text) !== text;
}

export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}
