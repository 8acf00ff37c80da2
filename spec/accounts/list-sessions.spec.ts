import { expect } from 'chai';
import type { Kit } from 'express-auth-kit/feature';
import jwt from 'jsonwebtoken';
import { endSessions } from '../../lib/accounts/end-sessions.js';
import { listSessions } from '../../lib/accounts/list-sessions.js';
import { methods } from '../own-features/methods.js';
import { recordCommands } from '../support/commands.js';
import { failCommands } from '../support/intercept-commands.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const DAY = 86_400_000;
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';

// The endpoints are in features/sessions.spec.ts.
describe('listSessions', () => {
  let app: TestApp;
  let kit: Kit;
  before(async () => {
    const withKit = methods({}, (given) => {
      kit = given;
    });
    app = await createTestApp({ features: [withKit], sessionIdleDays: 7 });
  });
  after(() => app.close());

  const idOf = async (id: string) => (await app.User.findById(id))?._id as unknown;
  const sid = (token: string) => (jwt.decode(token) as jwt.JwtPayload).sid as string;
  const idsOf = async (user: unknown) => (await listSessions(kit, user as never)).map(({ id }) => id);

  it('gives what a session is shown as, its device in words, and when it is over', async () => {
    const user = await app.register();
    const where = { ip: '203.0.113.7', userAgent: FIREFOX };
    const { access_token } = await app.auth.service.issueTokens(user.id, where);
    const now = new Date(app.clock.now());
    const session = {
      id: sid(access_token),
      amr: [],
      authTime: now,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(app.clock.now() + 7 * DAY),
      ...where,
      device: 'Firefox on Windows',
    };
    expect(await listSessions(kit, (await idOf(user.id)) as never)).to.deep.equal([session]);
  });

  it('gives the end of the session itself where that is nearer than the end of idleness', async () => {
    const user = await app.register();
    let { refresh_token } = await app.auth.service.issueTokens(user.id);
    const end = new Date(app.clock.now() + 30 * DAY);
    for (let week = 0; week < 4; week += 1) {
      app.clock.advance(7 * DAY - 1000);
      ({ refresh_token } = await app.auth.service.refresh(refresh_token));
    }
    const [session] = await listSessions(kit, (await idOf(user.id)) as never);
    expect(session).to.deep.include({ expiresAt: end, lastUsedAt: new Date(app.clock.now()) });
  });

  it('gives those alone that live: not what is idle too long, nor what another stamp has ended', async () => {
    const user = await app.signUp();
    const owner = await idOf(user.id);
    app.clock.advance(7 * DAY);
    const kept = await app.login(user);
    expect(await idsOf(owner)).to.deep.equal([sid(kept.access_token)]);
    const other = await app.login(user);
    const sweep = failCommands(({ name, collection }) => name === 'delete' && collection === 'auth_sessions');
    try {
      await endSessions(kit, owner as never, { except: sid(kept.access_token) });
    } finally {
      sweep.heal();
    }
    const stored = await app.connection.collection('auth_sessions').find({}).toArray();
    expect(stored.map(({ _id }) => String(_id))).to.include(sid(other.access_token));
    expect(await idsOf(owner)).to.deep.equal([sid(kept.access_token)]);
  });

  it('gives none of who is disabled, or not there', async () => {
    const user = await app.signUp();
    const owner = await idOf(user.id);
    const sweep = failCommands(({ name, collection }) => name === 'delete' && collection === 'auth_sessions');
    try {
      await app.auth.service.disableUser(user.id);
    } finally {
      sweep.heal();
    }
    expect(await idsOf(owner)).to.deep.equal([]);
    await app.auth.service.deleteUser(user.id);
    expect(await idsOf(owner)).to.deep.equal([]);
  });

  it('asks the database twice, for the user and for all sessions', async () => {
    const user = await app.signUp();
    await app.login(user);
    const owner = await idOf(user.id);
    const commands = await recordCommands(app.connection, () => idsOf(owner));
    const asked = commands.map(({ name, collection }) => `${name} ${collection}`);
    expect(asked.sort()).to.deep.equal(['find auth_sessions', 'find users']);
  });
});
