import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const OTHERS = 100_000;
const BATCH = 10_000;

/** What the database's profiler tells of one operation it carried out. */
interface Profile {
  op: string;
  ns: string;
  command: Record<string, unknown> & { filter?: object; query?: object; q?: object };
  planSummary?: string;
  docsExamined?: number;
  nreturned?: number;
  nMatched?: number;
  ndeleted?: number;
}

/** The database itself is asked how it found what it was asked for, among many others. */
describe('the look-ups', function () {
  this.timeout(90_000);
  let app: TestApp;
  let profiles: Profile[];

  before(async () => {
    app = await createTestApp({ audit: 1, emailVerification: 'optional', newSignInMail: 'on' });
    await app.auth.service.createIndexes();
    await fill(app);
    await app.connection.db?.command({ profile: 2 });
    await playEverything(app);
    await app.connection.db?.command({ profile: 0 });
    profiles = (await app.connection
      .collection('system.profile')
      .find({
        ns: /\.(users|auth_sessions|auth_one_time_tokens|auth_audit|auth_known_devices)$/,
        op: { $ne: 'insert' },
      })
      .toArray()) as unknown as Profile[];
  });
  after(() => app.close());

  it(`are index look-ups among ${OTHERS} users and sessions: documents examined are documents found`, () => {
    expect(profiles.length).to.be.greaterThan(25);
    expect(new Set(profiles.map(({ ns }) => ns.split('.').at(-1)))).to.have.all.keys(
      'users',
      'auth_sessions',
      'auth_one_time_tokens',
      'auth_audit',
      'auth_known_devices',
    );
    for (const { op, ns, command, planSummary, docsExamined = 0, ...counts } of profiles) {
      const found = counts.nreturned ?? counts.nMatched ?? counts.ndeleted ?? 0;
      const told = `${op} ${ns} ${JSON.stringify(filterOf(command))}: ${planSummary}, ${docsExamined} examined`;
      expect(planSummary, told).to.match(/^(IXSCAN|IDHACK|EXPRESS|CLUSTERED_IXSCAN)/);
      // Of a purpose a user has five tokens at most, whatever else they are told apart by.
      const others = ns.endsWith('.auth_one_time_tokens') && op === 'remove' ? 5 : 0;
      expect(docsExamined, told).to.be.within(found, found + others);
    }
  });

  it('name the user in every query on sessions, so that sessions can be sharded by user', () => {
    const onSessions = profiles.filter(({ ns }) => ns.endsWith('.auth_sessions'));
    expect(onSessions.length).to.be.greaterThan(8);
    for (const { command } of onSessions) {
      expect(filterOf(command), JSON.stringify(command)).to.have.property('user');
    }
  });
});

function filterOf({ filter, query, q }: Profile['command']): object | undefined {
  return filter ?? query ?? q;
}

async function fill({ connection }: TestApp): Promise<void> {
  const now = new Date();
  for (let first = 0; first < OTHERS; first += BATCH) {
    const users = Array.from({ length: BATCH }, (_, index) => ({
      email: `other-${first + index}@example.com`,
      roles: [],
      createdAt: now,
      updatedAt: now,
    }));
    const { insertedIds } = await connection.collection('users').insertMany(users);
    const sessions = Object.values(insertedIds).map((user) => ({
      user,
      generation: 0,
      rotatedAt: now,
      stamps: [''],
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + 86_400_000),
    }));
    await connection.collection('auth_sessions').insertMany(sessions);
  }
}

/** Every endpoint, with success: what fails looks up no other way. */
async function playEverything({ http, auth, ...app }: TestApp): Promise<void> {
  const user = await app.register();
  await http.post('/auth/verify-email/resend').send({ email: user.email }).expect(202);
  await auth.service.settled();
  const verification = /token=([\w-]+)/.exec(app.mailbox.messages.at(-1)?.text ?? '')?.[1];
  await http.post('/auth/verify-email').send({ token: verification }).expect(200);
  const [first, second] = [await app.login(user), await app.login(user)];
  const elsewhere = http.post('/auth/token').set('user-agent', 'curl/8');
  await elsewhere.send({ username: user.email, password: PASSWORD }).expect(200);
  await http.get('/auth/me').set(bearer(first.access_token)).expect(200);
  const { body: refreshed } = await http
    .post('/auth/refresh')
    .send({ refresh_token: first.refresh_token })
    .expect(200);
  await http.patch('/auth/me').set(bearer(first.access_token)).send({ name: 'Ada' }).expect(200);
  await http.post('/auth/confirm').set(bearer(first.access_token)).send({ password: PASSWORD }).expect(200);
  await http.get('/auth/sessions').set(bearer(refreshed.access_token)).expect(200);
  const { sid } = jwt.decode((await app.login(user)).access_token) as jwt.JwtPayload;
  await http.delete(`/auth/sessions/${sid}`).set(bearer(refreshed.access_token)).expect(204);
  await http.delete('/auth/sessions').set(bearer(refreshed.access_token)).expect(204);
  await http.post('/auth/logout').send({ refresh_token: second.refresh_token }).expect(204);
  const newPassword = `${PASSWORD} new`;
  await http
    .post('/auth/change-password')
    .set(bearer(refreshed.access_token))
    .send({ current_password: PASSWORD, new_password: newPassword })
    .expect(200);
  const token = await app.resetToken(user.email);
  await http.post('/auth/forgot-password/validate').send({ token }).expect(200);
  await http.post('/auth/reset-password').send({ token, password: PASSWORD }).expect(200);
  const { access_token } = await app.login(user);
  await http.post('/auth/logout-all').set(bearer(access_token)).expect(204);

  const { service } = auth;
  const pair = await service.issueTokens(user.id);
  const { claims } = await service.verifyAccessToken(pair.access_token);
  await service.issueTokens(user.id);
  await service.revokeSessions(user.id, { except: claims.sid });
  await service.setPassword(user.id, newPassword);
  await service.disableUser(user.id);
  await service.enableUser(user.id);
  const [newest] = await service.auditTrail(user.id, { limit: 5 });
  await service.auditTrail(user.id, { before: newest?.at ?? new Date() });
  await service.updateUser(user.id, { phone: '1' });
  await service.deleteUser(user.id);

  const leaver = await app.signUp();
  await http.delete('/auth/me').set(bearer(leaver.access_token)).send({ password: PASSWORD }).expect(204);

  const mover = await app.signUp();
  await http
    .post('/auth/change-email')
    .set(bearer(mover.access_token))
    .send({ email: 'moved@example.com', password: PASSWORD })
    .expect(202);
  await auth.service.settled();
  const mails = app.mailbox.messages.map(({ text }) => text).join();
  for (const path of ['/change-email/confirm', '/change-email/undo']) {
    const link = new RegExp(`${path}\\?token=([\\w-]+)`).exec(mails)?.[1];
    await http.post(`/auth${path}`).send({ token: link }).expect(200);
  }
  await auth.service.settled();
}
