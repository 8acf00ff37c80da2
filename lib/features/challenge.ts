import { answerChallenge } from '../accounts/answer-challenge.js';
import { defineRoute } from '../http/route.js';
import { requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { PENDING_SIGN_INS } from '../models/pending-sign-in-store.js';

interface Challenge {
  challenge: string;
  method: string;
}

/** `POST /challenge`: the second step of a sign-in. There is none where no feature brings a method. */
export const challenge: Feature = {
  name: 'challenge',
  setup(kit) {
    if (kit.methods.size === 0) return {};
    kit.collections.open(PENDING_SIGN_INS);
    return {
      routes: [
        defineRoute<Challenge>({
          method: 'post',
          path: '/challenge',
          accepts: 'json',
          challengeField: 'challenge',
          attempts: 'code',
          rules: { challenge: requiredString('The challenge'), method: requiredString('The method') },
          success: 200,
          tokens: true,
          refusals: ['invalid_challenge', 'invalid_code'],
          handle: async ({ input, body, context }) => ({
            tokens: await answerChallenge(kit, { ...input, input: body, context }),
          }),
        }),
      ],
    };
  },
};
