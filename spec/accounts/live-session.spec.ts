import { expect } from 'chai';
import { findLiveSession, requireStillSignedIn } from '../../lib/accounts/live-session.js';
import type { Core } from '../../lib/core/core.js';
import type { AuthError } from '../../lib/errors.js';
import { stampOf } from '../../lib/models/security-stamp.js';
import { draftSession } from '../../lib/models/session-store.js';
import type { SignedIn } from '../../lib/models/sign-in-loader.js';
import { recordCommands } from '../support/commands.js';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const HASH = `$2b$04$${'a'.repeat(53)}`;

describe('a session that lives', () => {
  let stores: TestStores;
  let core: Core;
  let now: Date;
  before(async () => {
    stores = await createTestStores();
    core = { ...stores, now: () => now } as Partial<Core> as Core;
  });
  after(() => stores.database.drop());
  beforeEach(() => {
    now = NOW;
  });

  async function signIn(): Promise<SignedIn & { id: string }> {
    const user = await stores.addUser({ password: HASH });
    const opening = { proofs: [], now: NOW, expiresAt: new Date(NOW.getTime() + 1000), ip: null };
    const session = await stores.sessions.create(
      draftSession({ ...opening, user: user._id, stamp: stampOf(user), userAgent: null }),
    );
    return { user, session, id: String(session._id) };
  }
  /** As when all others are ended. */
  async function goOn({ user, id }: { user: SignedIn['user']; id: string }): Promise<void> {
    await stores.sessions.admitStamp(user._id, id, 'next');
    await stores.users.setStamp(user._id, 'next');
    await stores.sessions.dropStamp(user._id, id, stampOf(user));
  }

  it('is found with its user, without the hash', async () => {
    const { user, id } = await signIn();
    const found = await findLiveSession(core, user._id, id);
    expect([found?.user.id, String(found?.session._id)]).to.deep.equal([user.id, id]);
    expect(found?.user.password).to.equal(undefined);
  });

  it('is none once it has expired or ended, or another’s (hold 40)', async () => {
    const { user, id } = await signIn();
    const other = await signIn();
    expect(await findLiveSession(core, user._id, other.id)).to.equal(undefined);
    now = new Date(NOW.getTime() + 1000);
    expect(await findLiveSession(core, user._id, id)).to.equal(undefined);
    now = NOW;
    await stores.users.setStamp(user._id, 'next');
    expect(await findLiveSession(core, user._id, id)).to.equal(undefined);
    await stores.sessions.end(other.user._id, other.id);
    expect(await findLiveSession(core, other.user._id, other.id)).to.equal(undefined);
  });

  it('is asked for once, where what the request has loaded is good still', async () => {
    const signedIn = await signIn();
    let user: SignedIn['user'] | undefined;
    const commands = await recordCommands(stores.database.connection, async () => {
      user = await requireStillSignedIn(core, signedIn);
    });
    expect(commands.map(({ name, collection }) => `${name} ${collection}`)).to.deep.equal(['find users']);
    expect([user?.id, user?.password]).to.deep.equal([signedIn.user.id, HASH]);
  });

  it('goes on while the others are ended: its user is given as stored then, with the credentials', async () => {
    const signedIn = await signIn();
    await goOn(signedIn);
    const user = await requireStillSignedIn(core, signedIn);
    expect([user.id, user.password, stampOf(user)]).to.deep.equal([signedIn.user.id, HASH, 'next']);
  });

  it('is required: refused is whose sessions were ended meanwhile, in whatever way (hold 42)', async () => {
    const endings: ((signedIn: SignedIn) => Promise<unknown>)[] = [
      ({ user }) => stores.users.setStamp(user._id, 'next'),
      ({ user }) => stores.users.disable(user._id, NOW, 'next'),
      ({ user }) => stores.users.remove(user._id),
    ];
    for (const end of endings) {
      const signedIn = await signIn();
      await end(signedIn);
      const refusal = await failureOf<AuthError>(() => requireStillSignedIn(core, signedIn));
      expect([refusal.code, refusal.message]).to.deep.equal(['invalid_token', 'the session is over']);
    }
  });
});
