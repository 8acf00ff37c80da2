import { refreshSession } from '../../accounts/refresh-session.js';
import { requiredString } from '../../http/validation.js';
import type { Kit } from '../../kit.js';
import type { Grant } from './grant.js';

/** A refresh token against a new pair. */
export const refreshGrant = (kit: Kit): Grant<{ refresh_token: string }> => ({
  rules: { refresh_token: requiredString('The refresh token') },
  tokenField: 'refresh_token',
  attempts: 'refresh',
  refusals: ['invalid_refresh_token'],

  exchange: ({ context, input }) => refreshSession(kit, input.refresh_token, context),
});
