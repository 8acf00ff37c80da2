import { expect } from 'chai';
import { recordEvents } from '../conformance/record-events.js';
import { expectRefusal } from '../http/expect-refusal.js';
import { type Command, isWrite } from '../support/commands.js';
import { failCommands, interceptCommands } from '../support/intercept-commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const NEW = 'another good one';

/** Cut off anywhere, either nothing has changed or the old sessions are dead. */
describe('replacing a password', () => {
  let app: TestApp;
  const warnings: string[] = [];

  before(async () => {
    app = await createTestApp({
      prepare: (each) => each.set('env', 'test'),
      logger: { warn: (line) => void warnings.push(line) },
    });
  });
  after(() => app.close());

  type User = Awaited<ReturnType<TestApp['signUp']>>;
  type Pair = Pick<User, 'access_token' | 'refresh_token'>;
  const login = (username: string, password: string) =>
    app.http.post('/auth/token').send({ username, password });
  const expectAlive = async ({ access_token }: Pair) => {
    await app.http.get('/protected').set(bearer(access_token)).expect(200);
  };
  const expectDead = async ({ access_token, refresh_token }: Pair) => {
    expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
  };
  const ways: Record<
    string,
    { resumes: boolean; run: (user: User, token: string) => Promise<{ status: number; body?: Pair }> }
  > = {
    change: {
      resumes: true,
      run: async ({ access_token }) =>
        app.http
          .post('/auth/change-password')
          .set(bearer(access_token))
          .send({ current_password: PASSWORD, new_password: NEW }),
    },
    reset: {
      resumes: false,
      run: async (_user, token) => app.http.post('/auth/reset-password').send({ token, password: NEW }),
    },
    service: {
      resumes: false,
      run: ({ id }) =>
        app.auth.service.setPassword(id, NEW).then(
          () => ({ status: 200 }),
          () => ({ status: 500 }),
        ),
    },
  };

  const isNotice = (command: Command) => command.collection === 'auth_outbox' && isWrite(command);
  const isDeletion = ({ name }: Command) => name === 'delete';
  const isNewSession = (command: Command) =>
    command.collection === 'auth_sessions' && isWrite(command) && !isDeletion(command);
  /** Where it may be cut off, and whether the password is the new one then. */
  const cuts: Record<string, { at: (command: Command) => boolean; changed: boolean; only?: string }> = {
    'before the new session is stored': { at: isNewSession, changed: false, only: 'change' },
    'before the user is written': {
      at: (command) => command.collection === 'users' && isWrite(command),
      changed: false,
    },
    'before the link is forgotten': {
      at: (command) => command.collection === 'auth_one_time_tokens' && isDeletion(command),
      changed: true,
      only: 'reset',
    },
    'before the sessions are swept': {
      at: (command) => command.collection === 'auth_sessions' && isDeletion(command),
      changed: true,
    },
  };

  for (const [way, { resumes, run }] of Object.entries(ways)) {
    for (const [where, { at, changed, only }] of Object.entries(cuts)) {
      if (only && only !== way) continue;
      it(`by ${way}, cut off ${where}, has ${changed ? 'ended the old sessions and says so' : 'changed nothing'} (hold 42)`, async () => {
        const events = recordEvents(app.auth);
        const changes = () => events.filter(([name]) => name === 'password.changed').length;
        const user = await app.signUp();
        const other = await app.login(user);
        const token = await app.resetToken(user.email);
        const { failed, heal } = failCommands(at);
        const { status, body } = await run(user, token);
        // The link is forgotten after the answer.
        await app.auth.service.settled();
        heal();
        expect(failed).to.have.length(1);
        // What has been decided is not told as a failure: who repeated it would be told that the password is wrong.
        expect(status).to.equal(changed ? 200 : 500);
        expect(changes()).to.equal(changed ? 1 : 0);
        if (changed) {
          await expectDead(other);
          expectRefusal(await login(user.email, PASSWORD), 'invalid_credentials');
          expectRefusal(
            await app.http.post('/auth/reset-password').send({ token, password: NEW }),
            'invalid_one_time_token',
          );
          await login(user.email, NEW).expect(200);
          await expectDead(user);
          if (resumes) await expectAlive(body as Pair);
        } else {
          await expectAlive(user);
          await expectAlive(other);
          await login(user.email, PASSWORD).expect(200);
          expectRefusal(await login(user.email, NEW), 'invalid_credentials');
          // Nothing stands in the way of the next attempt.
          expect((await run(user, token)).status).to.equal(200);
          await expectDead(other);
        }
      });
    }

    it(`by ${way} is mailed to the user, with when and from where, and without a link (hold 33)`, async () => {
      const user = await app.signUp({ name: 'Call +33' });
      const token = await app.resetToken(user.email);
      app.mailbox.clear();
      expect((await run(user, token)).status).to.equal(200);
      await app.auth.service.settled();
      const [mail, ...others] = app.mailbox.messages;
      expect(others).to.deep.equal([]);
      expect(mail).to.include({ to: user.email, subject: 'Your password was changed' });
      expect(mail?.text)
        .to.include(`the account ${user.email}`)
        .and.match(/When: .* UTC/);
      expect(mail?.text).to.not.match(/https?:|\+33/);
      const hasRequest = way !== 'service';
      expect(mail?.text.includes('IP address: 127.0.0.1')).to.equal(hasRequest);
    });

    it(`by ${way} stands where the notice cannot be written`, async () => {
      const user = await app.signUp();
      const token = await app.resetToken(user.email);
      const { failed, heal } = failCommands(isNotice);
      try {
        expect((await run(user, token)).status).to.equal(200);
      } finally {
        heal();
      }
      expect(failed).to.have.length(1);
      await login(user.email, NEW).expect(200);
    });

    it(`by ${way} writes the notice while the sessions are swept: a database that is away is waited for once`, async () => {
      const user = await app.signUp();
      const token = await app.resetToken(user.email);
      let begin = () => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      warnings.length = 0;
      const stop = interceptCommands(async (command, send) => {
        if (isNotice(command)) begin();
        // One after the other, this would be given up.
        if (command.collection === 'auth_sessions' && isDeletion(command)) await begun;
        return send();
      });
      try {
        expect((await run(user, token)).status).to.equal(200);
      } finally {
        stop();
      }
      expect(warnings).to.deep.equal([]);
    });

    it(`by ${way} leaves no session of before stored, and no link that was used`, async () => {
      const user = await app.signUp();
      await app.login(user);
      const token = await app.resetToken(user.email);
      expect((await run(user, token)).status).to.equal(200);
      await app.auth.service.settled();
      const filter = { user: (await app.User.findById(user.id))?._id };
      const links = await app.connection.collection('auth_one_time_tokens').countDocuments(filter);
      expect(links).to.equal(way === 'reset' ? 0 : 1);
      const sessions = await app.connection.collection('auth_sessions').countDocuments(filter);
      expect(sessions).to.equal(resumes ? 1 : 0);
    });
  }
});
