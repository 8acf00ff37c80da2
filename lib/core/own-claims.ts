import { isObject, refuse } from '../config/checks.js';
import { sessionInfo } from '../models/session-info.js';
import type { Session } from '../models/session-store.js';
import type { UserDocument } from '../models/user.js';
import { KIT_CLAIMS } from '../security/tokens.js';
import type { Core } from './core.js';

/**
 * What the app's `claims` give for an access token; nothing where there are none.
 *
 * @throws TypeError for what is no object or no JSON, and for a name of the kit's own; what `claims` throws
 */
export async function ownClaims(
  { settings }: Pick<Core, 'settings'>,
  user: UserDocument,
  session: Session,
): Promise<object> {
  if (!settings.claims) return {};
  const claims = await settings.claims(user as never, sessionInfo(session));
  if (!isObject(claims)) return refuse('the result of claims', claims, 'an object');
  // As a token will hold them: what none can hold is found now, before anything is changed, and a `toJSON` among them, which
  // would speak for the whole token, has spoken.
  const told: unknown = JSON.parse(JSON.stringify({ ...claims }));
  if (!isObject(told)) return refuse('the result of claims', told, 'an object');
  const taken = Object.keys({ ...claims, ...told }).find((name) => KIT_CLAIMS.includes(name));
  if (taken) throw new TypeError(`claims: ${taken} is a claim of the kit's own; allowed: any other name`);
  return told;
}
