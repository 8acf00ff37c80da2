import { createHash, randomInt } from 'node:crypto';
import {
  type Attempt,
  addWayIn,
  type CollectionDefinition,
  defineUserRoute,
  type Feature,
  MESSAGE,
  trusted,
} from 'express-auth-kit/feature';

interface Code {
  user: unknown;
  hash: string;
  expiresAt: Date;
}

const CODES: CollectionDefinition = {
  name: 'app_codes',
  fields: { hash: { type: String, required: true }, expiresAt: { type: Date, required: true } },
  indexes: [{ keys: { user: 1, kind: 1 }, unique: true }],
};
/** Whether or not there is such a user: what is counted for some alone tells who they are. */
const keyOf = ({ user, name }: Attempt) => user ?? `name ${name}`;
const hashOf = (code: string) => createHash('sha256').update(code).digest('base64url');

/**
 * A feature as an app writes one: a code by mail as the second step of a sign-in, and three tries at a password. It
 * touches nothing of the kit's.
 */
export function mailedCode({ tries = 3 } = {}): Feature {
  return {
    name: 'mailed-code',
    collections: [CODES],
    mails: {
      signInCode: {
        template: ({ code }: { code: string }) => ({ subject: 'Your code', text: code, html: code }),
        async atSending({ _id: user }, { collections, now }) {
          const code = String(randomInt(1_000_000)).padStart(6, '0');
          const expiresAt = new Date(now.getTime() + 600_000);
          await collections.get<Code>(CODES).upsert({ user }, { $set: { hash: hashOf(code), expiresAt } });
          return { code };
        },
      },
    },
    setup(kit) {
      const codes = kit.collections.get<Code>(CODES);
      const failures = new Map<string, number>();
      return {
        routes: [
          defineUserRoute({
            method: 'post',
            path: '/mailed-code',
            success: 202,
            answer: MESSAGE,
            async handle({ user, session }) {
              const entry = { method: 'mailed_code', id: String(user._id) };
              await addWayIn(kit, user._id, entry, { except: String(session._id) });
              return { body: { message: 'From now on a code is asked for' } };
            },
          }),
        ],
        limits: {
          async before(attempt) {
            if (attempt.kind !== 'password') return undefined;
            const failed = failures.get(keyOf(attempt)) ?? 0;
            failures.set(keyOf(attempt), failed + 1);
            return failed < tries ? undefined : 'refuse';
          },
          async after(attempt, outcome) {
            if (attempt.kind !== 'password' || outcome === 'failed') return;
            failures.set(keyOf(attempt), (failures.get(keyOf(attempt)) ?? 1) - 1);
          },
        },
        methods: {
          mailed_code: {
            kind: 'mailbox',
            amr: 'email',
            async begin(user) {
              await kit.outbox.send(user, 'signInCode');
              return undefined;
            },
            async verify(user, { code }) {
              if (typeof code !== 'string') return false;
              const unexpired = trusted({ $gt: kit.now() });
              const found = await codes.take({ user: user._id, hash: hashOf(code), expiresAt: unexpired });
              return found !== undefined;
            },
          },
        },
      };
    },
  };
}
