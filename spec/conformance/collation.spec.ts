import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import express from 'express';
import { baseUserPlugin, createAuthRouter } from 'express-auth-kit';
import { createMailbox } from 'express-auth-kit/testing';
import { type Connection, Schema } from 'mongoose';
import type { CollectionDefinition } from '../../lib/models/collection.js';
import { draftSession, type SessionStore } from '../../lib/models/session-store.js';
import { createStores, type Stores } from '../../lib/models/stores.js';
import type { UserDocument, UserModel } from '../../lib/models/user.js';
import type { UserStore } from '../../lib/models/user-store.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { PASSWORD, serve } from '../support/test-app.js';

/** Takes small letters for capital ones, and letters with an accent for those without. */
const COLLATION = { locale: 'en', strength: 1 } as const;
const HASH = `$2b$04$${'a'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');
const LATER = new Date('2030-02-01T00:00:00.000Z');

/** `Ada` is stored, `ada` asks: to the app's schema they are the same. */
const STORED = 'Ada';
const OTHERS = ['ada', 'Àda', 'ADA'];

function createModel(connection: Connection, name: string): UserModel {
  const schema = new Schema({ _id: String }, { collation: COLLATION } as object);
  schema.plugin(baseUserPlugin);
  return connection.model(name, schema, name);
}

const storesOf = (model: UserModel): Stores =>
  createStores(model, { clock: 'app', onIndexFailure: console.error });

async function addUser({ users }: Stores, _id: string, email: string): Promise<UserDocument> {
  const user = await users.build({ email, fields: { _id } });
  user.set('password', HASH);
  await users.insert(user);
  return user;
}

/** Everything that is asked or told by an id. Without a row here a new one does not compile. */
type ById = Record<
  Exclude<
    keyof UserStore,
    | 'build'
    | 'validate'
    | 'insert'
    | 'checkChange'
    | 'requireUnique'
    | 'findByEmail'
    | 'findByLogin'
    | 'findRecipient'
    | 'castId'
  >,
  (id: string, like: UserDocument) => Promise<unknown>
>;
const rowsOf = ({ users }: Stores): ById => ({
  findById: (id) => users.findById(id),
  load: (id) => users.load(id),
  changePassword: (id) => users.changePassword(id, { passwordHash: HASH, stamp: 'new' }),
  verifyEmail: async (id, like) =>
    (await users.verifyEmail(Object.create(like, { _id: { value: id } }), NOW)) || undefined,
  upgradeHash: (id, like) => users.upgradeHash(Object.create(like, { _id: { value: id } }), 'other'),
  change: (id) => users.change(id, { name: 'new' }),
  changeEmail: async (id, like) =>
    (await users.changeEmail(Object.create(like, { _id: { value: id } }), {
      email: 'new@example.com',
      at: NOW,
    })) || undefined,
  restoreEmail: (id, like) =>
    users.restoreEmail(Object.create(like, { _id: { value: id } }), {
      ...{ email: 'new@example.com', at: NOW, since: NOW, securityStamp: 'new' },
    }),
  setStamp: (id) => users.setStamp(id, 'new'),
  disable: (id) => users.disable(id, NOW, 'new'),
  enable: async (id) => (await users.enable(id)) || undefined,
  setRoles: async (id, like) =>
    (await users.setRoles(Object.create(like, { _id: { value: id } }), ['admin'])) || undefined,
  addWayIn: (id) => users.addWayIn(id, { method: 'pin', id: 'new', addedAt: NOW }, 'new'),
  removeWayIn: (id) => users.removeWayIn(id, { method: 'pin', id: 'old' }, 'new'),
  remove: async (id) => (await users.remove(id)) || undefined,
});

describe('a schema whose collation takes `ada` for `Ada`', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
    // As an administrator makes them, who wants all to be found whatever the case.
    for (const name of ['auth_sessions', 'auth_one_time_tokens', 'notes']) {
      await database.connection.createCollection(name, { collation: COLLATION });
    }
  });
  after(() => database.drop());

  for (const [where, collation] of [
    ['with a collection that was made for it', COLLATION],
    ['with a collection of before', { locale: 'simple' }],
  ] as const) {
    describe(where, () => {
      let stores: Stores;
      let model: UserModel;
      let user: UserDocument;

      before(async () => {
        const name = `people ${collation.locale}`;
        await database.connection.createCollection(name, { collation });
        model = createModel(database.connection, name);
        stores = storesOf(model);
        user = await addUser(stores, STORED, 'ada@example.com');
        const wayIn = { method: 'pin', id: 'old', addedAt: NOW };
        await model.collection.updateOne({ _id: STORED as never }, { $set: { waysIn: [wayIn] } });
      });

      it('is one in which the app itself finds the one by the other', async () => {
        expect(await model.countDocuments({ _id: 'ada' })).to.equal(1);
      });

      for (const name of Object.keys(rowsOf({} as Stores)) as (keyof ById)[]) {
        it(`does not bring ${name} to another user (hold 73)`, async () => {
          const stored = await model.collection.findOne({ _id: STORED as never });
          for (const id of OTHERS) {
            expect(await rowsOf(stores)[name](id, user), id).to.equal(undefined);
          }
          expect(await model.collection.findOne({ _id: STORED as never })).to.deep.equal(stored);
        });
      }

      it('signs nobody in as another user (hold 73)', async () => {
        const login = {
          user: STORED,
          stamp: user.securityStamp as string,
          proofs: [],
          now: NOW,
          expiresAt: LATER,
        };
        const { _id } = await stores.sessions.create(draftSession({ ...login, ip: null, userAgent: null }));
        const load = (id: string) => stores.loadSignIn(id, String(_id), NOW);
        expect(await Promise.all([STORED, ...OTHERS].map(load))).to.have.nested.property('[0].user.email');
        expect(await Promise.all(OTHERS.map(load))).to.deep.equal(OTHERS.map(() => undefined));
        // Where both can be stored.
        if (collation !== COLLATION) await addUser(stores, 'ADA', 'capital@example.com');
        const loaded = await Promise.all(['ADA', STORED].map(load));
        expect(loaded.map((each) => each?.user.email)).to.deep.equal([undefined, 'ada@example.com']);
        await stores.users.remove('ADA');
      });

      it('lets a user be found by exactly the id (hold 73)', async () => {
        expect((await stores.users.findById(STORED))?._id).to.equal(STORED);
        for (const odd of ['a$b', 'a\0b', 'ä\n', '(.*)', '']) {
          if (odd !== '') await addUser(stores, odd, `odd-${Buffer.from(odd).toString('hex')}@example.com`);
          expect((await stores.users.findById(odd))?._id).to.equal(odd === '' ? undefined : odd);
        }
      });
    });
  }

  describe('sessions, links and what features store', () => {
    const NOTES: CollectionDefinition = { name: 'notes', fields: { text: { type: String, required: true } } };

    it('are of exactly the user who is named (hold 73)', async () => {
      const stores = storesOf(createModel(database.connection, 'owners'));
      const notes = stores.collections.open<{ user: string; text: string }>(NOTES);
      const login = { user: STORED, stamp: 'stamp', proofs: [], now: NOW, expiresAt: LATER };
      const { _id } = await stores.sessions.create(draftSession({ ...login, ip: null, userAgent: null }));
      const sid = _id.toString();
      const presented = { generation: 0, now: NOW, graceMs: 1000 };
      await notes.insert({ user: STORED, text: 'Note' });
      const asked: Record<keyof Omit<SessionStore, 'create' | 'endOf'>, (user: string) => Promise<unknown>> =
        {
          find: (user) => stores.sessions.find(user, sid, NOW),
          load: (user) => stores.sessions.load(user, sid),
          list: async (user) => expect(await stores.sessions.list(user, NOW)).to.deep.equal([]),
          rotate: (user) => stores.sessions.rotate(user, sid, presented),
          keep: (user) => stores.sessions.keep(user, sid, presented),
          noteShown: (user) => stores.sessions.noteShown(user, sid, presented),
          confirm: (user) => stores.sessions.confirm(user, sid, { at: NOW, proofs: [] }),
          end: (user) => stores.sessions.end(user, sid),
          endUnder: (user) => stores.sessions.endUnder(user, 'stamp'),
          admitStamp: (user) => stores.sessions.admitStamp(user, sid, 'another'),
          dropStamp: (user) => stores.sessions.dropStamp(user, sid, 'stamp'),
        };
      for (const user of OTHERS) {
        for (const ask of Object.values(asked)) await ask(user);
        await stores.collections.removeAllOf(user);
        const filter = { user };
        expect([
          await notes.find(filter),
          await notes.take(filter),
          await notes.update(filter, { $set: { text: 'theirs' } }),
          await notes.list(filter),
          await notes.count(filter),
          await notes.remove(filter),
        ]).to.deep.equal([undefined, undefined, undefined, [], 0, 0]);
        await notes.upsert(filter, { $set: { text: user } });
        expect(await notes.count(filter)).to.equal(1);
      }
      expect(await stores.sessions.find(STORED, sid, NOW)).to.deep.include({
        generation: 0,
        stamps: ['stamp'],
      });
      expect(await notes.find({ user: STORED })).to.include({ text: 'Note' });
      expect(await notes.find({ text: 'NOTE' })).to.equal(undefined);
    });

    it('are of one kind of users, also where the names of two differ by case alone (hold 74)', async () => {
      const [clerks, Clerks] = ['clerks', 'CLERKS'].map((name) =>
        storesOf(createModel(database.connection, name)),
      ) as [Stores, Stores];
      const login = { user: STORED, stamp: 'stamp', proofs: [], now: NOW, expiresAt: LATER };
      const { _id } = await clerks.sessions.create(draftSession({ ...login, ip: null, userAgent: null }));
      const sid = _id.toString();
      expect(await Clerks.sessions.find(STORED, sid, NOW)).to.equal(undefined);
      expect(await Clerks.sessions.end(STORED, sid)).to.equal(false);
      await Clerks.collections.removeAllOf(STORED);
      expect(await clerks.sessions.find(STORED, sid, NOW)).to.include({ generation: 0 });
    });

    it('are found by their index', async () => {
      const model = database.connection.model('express-auth-kit auth_sessions');
      const query = model.find({ user: STORED, kind: 'owners', stamps: 'stamp' });
      const { queryPlanner } = (await query.explain('queryPlanner')) as unknown as {
        queryPlanner: { winningPlan: unknown };
      };
      expect(JSON.stringify(queryPlanner.winningPlan)).to.include('IXSCAN').and.not.include('COLLSCAN');
    });
  });

  for (const [what, fail] of [
    ['has mail go to the address that is stored, not to the one typed that finds it (hold 46)', false],
    ['tells of a mail that failed by that address too (hold 46)', true],
  ] as const) {
    it(what, async () => {
      const mailbox = createMailbox();
      const name = `recipients ${fail}`;
      const auth = createAuthRouter({
        User: createModel(database.connection, name),
        secretKey: randomBytes(32).toString('base64'),
        appUrl: 'https://app.example.com',
        mail: { transport: mailbox.transport, from: 'App <app@example.com>' },
        templates: fail ? { passwordReset: () => Promise.reject(new Error('no words')) } : {},
        password: { bcryptCost: 4 },
      });
      const failed: string[] = [];
      auth.on('mail.failed', ({ to }) => void failed.push(to));
      const { http, close } = await serve(express().use('/auth', auth));
      try {
        await auth.service.createUser({ _id: 'user:1', email: 'josé@example.com', password: PASSWORD });
        const typed = { email: 'jose@example.com' };
        const { body } = await http.post('/auth/forgot-password').send(typed).expect(202);
        expect(body).to.deep.equal({ message: 'Password reset email sent' });
        await auth.service.settled();
        const arrived = mailbox.messages.map(({ to }) => to);
        expect(fail ? failed : arrived).to.deep.equal(['josé@example.com']);
        expect(fail ? arrived : failed).to.deep.equal([]);
      } finally {
        close();
      }
    });
  }
});
