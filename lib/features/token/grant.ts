import type { Strategy } from 'passport';
import type { RouteRequest } from '../../http/route.js';
import type { Rules } from '../../http/validation.js';
import type { Kit } from '../../kit.js';
import type { TokenPair } from '../../sign-in.js';

/** A way to get tokens (RFC 6749 section 1.3): what the request must bring, and what it is exchanged for. */
export interface Grant<Input = never> {
  rules: Rules;
  strategies?(kit: Kit): Record<string, Strategy>;
  /** @throws an AuthError when the grant is refused */
  exchange(kit: Kit, request: RouteRequest<Input>): Promise<TokenPair>;
}
