import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { type BaseUser, baseUserPlugin } from 'express-auth-kit';
import { type Connection, Schema } from 'mongoose';
import { NO_REQUEST } from '../../lib/config/hooks.js';
import { OPTIONS } from '../../lib/config/option-table.js';
import type { AuthOptions } from '../../lib/config/options.js';
import { resolveOptions } from '../../lib/config/resolve-options.js';
import type { Core } from '../../lib/core/core.js';
import { type Brought, createCore } from '../../lib/core/create-core.js';
import { draftSession } from '../../lib/models/session-store.js';
import type { UserModel } from '../../lib/models/user.js';
import { createClock } from '../../lib/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

// Ahead of the database's own clock, by which it tidies away what has expired.
const TIME = new Date('2050-02-02T02:02:02.000Z');

/** What the core makes parts of: they are found there, and nowhere else. */
const MADE_PARTS = [
  'secretKey',
  'previousSecretKeys',
  'onError',
  'messages',
  'hooks',
  'templates',
  'links',
  'mail',
  'logger',
  'clock',
  'User',
  'features',
];

const DELETED = { userId: '1', email: 'a@example.com', ip: null, userAgent: null };

describe('createCore', () => {
  const secretKey = randomBytes(32).toString('base64');
  const previous = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')];
  let database: TestDatabase;
  let model: UserModel;

  before(async () => {
    database = await createTestDatabase();
    model = userModel(database.connection);
  });
  after(() => database.drop());

  const create = (options: AuthOptions<unknown, never> = {}, brought: Partial<Brought> = {}): Core =>
    createCore(resolveOptions({ secretKey, ...options }, {}), model, {
      mails: new Map(),
      hooks: [],
      limits: [],
      methods: new Map(),
      recorders: [],
      ...brought,
    });

  describe('its settings', () => {
    it('are the options, less those that it makes parts of', () => {
      const { settings } = create();
      expect([...Object.keys(settings), ...MADE_PARTS].sort()).to.deep.equal(Object.keys(OPTIONS).sort());
    });

    it('are as the app has them', () => {
      const given = {
        registerFields: ['phone'],
        refreshGraceSeconds: 5,
        issuer: 'me',
        appUrl: 'https://a.example',
      };
      expect(create(given).settings).to.deep.include(given);
    });

    it('have no key, no previous key and no password of the mail server', () => {
      const transport = 'smtp://sender:hunter2-hunter2@mail.example.com';
      const { settings } = create({
        secretKey,
        previousSecretKeys: previous,
        mail: { transport, from: 'App <app@example.com>' },
      });
      const shown = inspect(settings, { depth: Number.POSITIVE_INFINITY, showHidden: true });
      for (const secret of [secretKey, ...previous, transport, 'hunter2']) {
        expect(shown).to.not.include(secret);
        expect(JSON.stringify(settings)).to.not.include(secret);
      }
    });
  });

  describe('its keys', () => {
    it('verify what a previous key has signed, and sign by the present one', () => {
      const { keys } = create({ previousSecretKeys: previous });
      const kidsOf = (secret: string) => create({ secretKey: secret }).keys.current.kid;
      expect(keys.current.kid).to.equal(kidsOf(secretKey));
      for (const earlier of previous) expect(keys.find(kidsOf(earlier))).to.not.equal(undefined);
      expect(keys.find(kidsOf(randomBytes(32).toString('base64')))).to.equal(undefined);
    });
  });

  describe('the logger of the app', () => {
    const failing: Record<string, () => unknown> = {
      throws: () => {
        throw new Error('the disk is full');
      },
      rejects: () => Promise.reject(new Error('the disk is full')),
    };
    for (const [how, write] of Object.entries(failing)) {
      it(`disturbs nothing when it ${how}`, async () => {
        let asked = 0;
        const unhandled: unknown[] = [];
        const note = (reason: unknown) => unhandled.push(reason);
        const writing = () => {
          asked += 1;
          return write() as undefined;
        };
        const { events, logger } = create({ logger: { error: writing, warn: writing } });
        process.on('unhandledRejection', note);
        try {
          events.on('user.deleted', () => {
            throw new Error('a listener');
          });
          expect(() => events.emit('user.deleted', DELETED)).to.not.throw();
          expect(() => logger.warn?.('a warning')).to.not.throw();
          await new Promise(setImmediate);
        } finally {
          process.off('unhandledRejection', note);
        }
        expect([asked, unhandled]).to.deep.equal([2, []]);
      });
    }
  });

  describe('the clock of the app', () => {
    it('is what it reads the time from, at every look', () => {
      const clock = createClock(TIME);
      const { now } = create({ clock });
      expect(now()).to.deep.equal(TIME);
      clock.advance(1000);
      expect(now()).to.deep.equal(new Date(TIME.getTime() + 1000));
    });

    const rotatedAt = async (core: Core): Promise<Date> => {
      const user = new model()._id;
      const [now, expiresAt] = [core.now(), new Date(core.now().getTime() + 60_000)];
      const context = { ip: null, userAgent: null };
      const session = await core.sessions.create(
        draftSession({
          user,
          stamp: 's',
          proofs: [],
          now,
          expiresAt,
          ...context,
        }),
      );
      const presented = { generation: 0, now, graceMs: 1000 };
      const rotation = await core.sessions.rotate(user, String(session._id), presented);
      if (rotation.outcome !== 'rotated') throw new Error(rotation.outcome);
      return rotation.session.rotatedAt;
    };

    it('tells when a session was rotated, so that tests can move it', async () => {
      expect(await rotatedAt(create({ clock: createClock(TIME) }))).to.deep.equal(TIME);
    });

    it('does not where it is the system’s: then the database tells', async () => {
      const core = create();
      // A process whose clock is wrong: by its own it would be in an hour.
      const [before, told] = [
        Date.now(),
        await rotatedAt({ ...core, now: () => new Date(Date.now() + 3_600_000) }),
      ];
      expect(told.getTime()).to.be.within(before - 1000, Date.now() + 1000);
    });
  });

  describe('what features bring', () => {
    it('is there though it came after the core was made', async () => {
      const brought: Brought = {
        mails: new Map(),
        hooks: [],
        limits: [],
        methods: new Map(),
        recorders: [],
      };
      const core = create({}, brought);
      const ran: string[] = [];
      const limit = { before: async () => undefined, after: async () => {} };
      const method = { kind: 'device', amr: 'otp', isSetUp: () => false, verify: async () => false } as const;
      brought.hooks.push({ afterRegister: () => void ran.push('late') });
      brought.limits.push(limit);
      brought.methods.set('totp', method);
      await core.hooks.afterRegister({ user: new model() as never, context: NO_REQUEST });
      expect(ran).to.deep.equal(['late']);
      expect(core.limits).to.deep.equal([limit]);
      expect(core.methods.get('totp')).to.equal(method);
    });

    it('is not where sign-ins wait: that comes with the first method', () => {
      expect(() => create().pendingSignIns()).to.throw('no feature names auth_pending_sign_ins');
    });
  });

  it('tells of a mail that cannot be sent as mail.failed', async () => {
    const core = create(
      {},
      { mails: new Map([['hi', { template: () => ({ subject: '', text: '', html: '' }) }]]) },
    );
    const failures: object[] = [];
    core.events.on('mail.failed', ({ error, ...failure }) => void failures.push(failure));
    const user = core.users.build({ email: 'ada@example.com' });
    await core.outbox.send(user, 'hi');
    await core.background.settled();
    expect(failures).to.deep.equal([{ userId: user.id, to: 'ada@example.com', mail: 'hi' }]);
  });

  it('shares nothing with another one of the same options', () => {
    const [one, another] = [create(), create()];
    const told: string[] = [];
    one.events.on('user.deleted', () => void told.push('one'));
    another.events.emit('user.deleted', DELETED);
    expect(told).to.deep.equal([]);
  });
});

function userModel(connection: Connection): UserModel {
  const schema = new Schema({});
  schema.plugin(baseUserPlugin);
  return connection.model('User', schema) as unknown as typeof BaseUser;
}
