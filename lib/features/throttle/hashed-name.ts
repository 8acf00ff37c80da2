import { createHash } from 'node:crypto';

/** What a counter of an address or of a name is called: a copy of the counts tells nobody's, at a glance. */
export function hashedName(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
