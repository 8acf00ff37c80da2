import type { AttemptKind } from '../../core/limits.js';
import type { RouteRequest } from '../../http/route.js';
import type { Rules } from '../../http/validation.js';
import type { TokenPair } from '../../sign-in.js';

/** A way to get tokens (RFC 6749 section 1.3): what the request must bring, and what it is exchanged for. */
export interface Grant<Input> {
  rules: Rules;
  /** What is bounded of it. */
  attempts: AttemptKind;
  /** The field of the refresh token that is exchanged. */
  tokenField?: 'refresh_token';
  /** That it costs a password hash. */
  hashes?: true;
  /** The codes it is refused by. */
  refusals: readonly string[];
  /** @throws an AuthError when the grant is refused */
  exchange(request: RouteRequest<Input>): Promise<TokenPair>;
}
