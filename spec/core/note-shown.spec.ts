import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { Types } from 'mongoose';
import { createNoteShown } from '../../lib/core/note-shown.js';
import { draftSession, type Session, type SessionStore } from '../../lib/models/session-store.js';
import { type Background, createBackground } from '../../lib/runtime/background.js';
import { recordCommands } from '../support/commands.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const START = new Date('2030-01-01T00:00:00.000Z');
const LATER = new Date('2030-01-01T00:01:00.000Z');
const END = new Date('2030-01-31T00:00:00.000Z');

describe('noting that a generation was shown', () => {
  let stores: TestStores;
  let warnings: string[];
  const background = createBackground();

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());
  beforeEach(() => {
    warnings = [];
  });

  const noteShownAt = (now = START) => {
    const logger = { warn: (message: string) => void warnings.push(message) };
    return createNoteShown({ ...stores, background, logger, now: () => now });
  };
  const load = ({ user, _id }: Session) =>
    stores.sessions.find(user, _id.toString(), START) as Promise<Session>;
  /** A session that was refreshed so often. */
  async function login(generation = 1): Promise<Session> {
    const where = { ip: null, userAgent: null };
    const draft = {
      user: new Types.ObjectId(),
      stamp: 's',
      proofs: [],
      now: START,
      expiresAt: END,
      ...where,
    };
    return load(await stores.sessions.create({ ...draftSession(draft), generation }));
  }
  const commandsOf = async (run: () => unknown) => {
    const commands = await recordCommands(stores.database.connection, async () => {
      run();
      await background.settled();
    });
    return commands.map(({ name, collection }) => `${name} ${collection}`);
  };

  it('is one write, by the clock of the moment of the request, for many at once (hold 37)', async () => {
    const session = await login();
    const noteShown = noteShownAt();
    const commands = await commandsOf(() => {
      for (let request = 0; request < 50; request += 1) noteShown({ ...session }, 1);
    });
    expect(commands).to.deep.equal(['findAndModify auth_sessions']);
    expect(await load(session)).to.deep.equal({ ...session, shownAt: START });
  });

  it('is none where it is noted already, and leaves the first time', async () => {
    const session = await login();
    noteShownAt()(session, 1);
    await background.settled();
    const [again, noteShown] = [await load(session), noteShownAt(LATER)];
    expect(await commandsOf(() => noteShown(again, 1))).to.deep.equal([]);
    // Loaded before it was noted.
    noteShown(session, 1);
    await background.settled();
    expect((await load(session)).shownAt).to.deep.equal(START);
  });

  it('is none for the first generation, for another one than the current, and for a token without one', async () => {
    const [first, third] = [await login(0), await login(2)];
    const noteShown = noteShownAt();
    const commands = await commandsOf(() => {
      noteShown(first, 0);
      for (const generation of [0, 1, 3, undefined]) noteShown(third, generation);
    });
    expect(commands).to.deep.equal([]);
  });

  it('is tried again by the next request where it fails, and the log is told', async () => {
    const session = await login();
    let isAway = true;
    const write: SessionStore['noteShown'] = (...given) =>
      isAway ? Promise.reject(new Error('away')) : stores.sessions.noteShown(...given);
    const noteShown = createNoteShown({
      sessions: { noteShown: write },
      background,
      logger: { warn: (message: string) => void warnings.push(message) },
      now: () => START,
    });
    noteShown(session, 1);
    await background.settled();
    expect(warnings).to.deep.equal(['that a refresh has arrived could not be noted']);
    isAway = false;
    noteShown(session, 1);
    await background.settled();
    expect((await load(session)).shownAt).to.deep.equal(START);
  });

  it('is tried again where too much was waiting', async () => {
    const session = await login();
    let isFull = true;
    const run: Background['run'] = (job) => !isFull && background.run(job);
    const noteShown = createNoteShown({
      ...stores,
      background: { ...background, run },
      logger: {},
      now: () => START,
    });
    noteShown(session, 1);
    isFull = false;
    noteShown(session, 1);
    await background.settled();
    expect((await load(session)).shownAt).to.deep.equal(START);
  });

  it('is nobody’s: the request may be in a transaction, which is over by then', async () => {
    const session = await login();
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const noteShown = createNoteShown({
      sessions: { noteShown: async () => void seen.push(context.getStore()) },
      background,
      logger: {},
      now: () => START,
    });
    context.run('a transaction', () => noteShown(session, 1));
    await background.settled();
    expect(seen).to.deep.equal([undefined]);
  });
});
