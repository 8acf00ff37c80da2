import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { bearer, createTestApp, type TestApp } from '../../support/test-app.js';

const NEW = 'another good password';

describe('user set-password', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const run = (email: string, more: string[], options: object) =>
    runCli(['user', 'set-password', email, ...more], { uri: app.uri, ...options });

  it('takes it from standard input, ends all sessions, and says that nobody is told', async () => {
    const user = await app.signUp();
    const { code, stdout, stderr } = await run(user.email, ['--password-stdin'], { input: `${NEW}\n` });
    expect({ code, stdout }).to.deep.equal({
      code: 0,
      stdout: `${user.email} has a new password, all sessions have ended`,
    });
    expect(stderr).to.equal(`${user.email} is not told: no mail is configured`);
    await app.http.get('/protected').set(bearer(user.access_token)).expect(401);
    await app.login({ email: user.email, password: NEW });
  });

  it('opens the lock that wrong passwords have closed', async () => {
    const bounded = await createTestApp({ throttle: 'on', prepare: (each) => each.set('trust proxy', true) });
    try {
      const user = await bounded.register();
      const login = (password: string, ip: string) => {
        const credentials = { username: user.email, password };
        return bounded.http.post('/auth/token').set('x-forwarded-for', ip).send(credentials);
      };
      for (let time = 0; time < 10; time += 1) await login('wrong', `10.0.0.${time}`).expect(401);
      await login(user.password, '10.0.1.1').expect(401);
      const { code } = await runCli(['user', 'set-password', user.email, '--password-stdin'], {
        uri: bounded.uri,
        input: NEW,
      });
      expect(code).to.equal(0);
      await login(NEW, '10.0.1.1').expect(200);
      await runCli(['user', 'delete', user.email, '--yes'], { uri: bounded.uri });
      const counters = await bounded.connection.collection('auth_counters').find({}).toArray();
      expect(counters.filter(({ user: owner }) => String(owner) === user.id)).to.deep.equal([]);
    } finally {
      await bounded.close();
    }
  });

  it('asks for it on a terminal', async () => {
    const user = await app.register();
    const { code, stdout, stderr } = await run(user.email, ['--json'], { answers: [NEW, NEW] });
    expect(code).to.equal(0);
    expect(stdout + stderr).not.to.include(NEW);
    await app.login({ email: user.email, password: NEW });
  });

  it('refuses what the rules refuse, and leaves the old one', async () => {
    const user = await app.register();
    for (const [input, reason] of [
      ['short', 'password: '],
      ['password123', 'password: '],
      ['', 'password: '],
      ['a\ufffdlong password', 'password: '],
    ] as const) {
      const { code, stderr } = await run(user.email, ['--password-stdin'], { input });
      expect(code, input).to.equal(1);
      expect(stderr)
        .to.match(/^error: password: [^\n]+$/)
        .and.include(reason);
      if (input) expect(stderr).not.to.include(input);
    }
    await app.login(user);
  });

  it('needs a terminal or standard input', async () => {
    const { code, stderr } = await run('ada@example.com', [], {});
    expect(code).to.equal(2);
    expect(stderr).to.include('--password-stdin');
  });

  it('leaves no hash of passport-local-mongoose beside the new one', async () => {
    const { email } = await app.register();
    const users = app.connection.collection('users');
    await users.updateOne({ email }, { $set: { hash: 'ab', salt: 'cd' }, $unset: { password: 1 } });
    await run(email, ['--password-stdin'], { input: NEW });
    expect(await users.findOne({ email })).to.not.have.any.keys('hash', 'salt');
    await app.login({ email, password: NEW });
  });
});
