import { expect } from 'chai';
import { expectFaults, expectNotRecent, expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const DAY = 86_400_000;
let addresses = 0;
const newAddress = () => {
  addresses += 1;
  return `moved-${addresses}@example.com`;
};

describe('a change of the address', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({ emailVerification: 'optional' });
  });
  after(() => app.close());

  const ask = (access_token: string, body: object) =>
    app.http.post('/auth/change-email').set(bearer(access_token)).send(body);
  const confirm = (token: string) => app.http.post('/auth/change-email/confirm').send({ token });
  const undo = (token: string) => app.http.post('/auth/change-email/undo').send({ token });
  const subjectsTo = (address: string) =>
    app.mailbox.messages.filter(({ to }) => to === address).map(({ subject }) => subject);
  /** The token of the newest mail to an address whose link leads there. */
  const tokenIn = (address: string, path: string) => {
    const mail = app.mailbox.messages.findLast(({ to, text }) => to === address && text.includes(path));
    return /[?&]token=([\w-]+)/.exec(mail?.text.slice(mail.text.indexOf(path)) ?? '')?.[1] ?? '';
  };
  const confirmToken = (address: string) => tokenIn(address, '/change-email/confirm?');
  const undoToken = (address: string) => tokenIn(address, '/change-email/undo?');
  /** Asks for another address, and waits for the mails. */
  async function change(user: { access_token: string }, email: string, password: string | null = PASSWORD) {
    const body = password === null ? { email } : { email, password };
    const answer = await ask(user.access_token, body).expect(202);
    await app.auth.service.settled();
    return answer;
  }
  const stored = (id: string) => app.User.findById(id).lean<Record<string, unknown>>();
  const waysInOf = async (id: string) => {
    const user = await app.User.findById(id).select('+waysIn').lean<{ waysIn?: { method: string }[] }>();
    return user?.waysIn?.map(({ method }) => method);
  };
  const canLogIn = async (username: string, password = PASSWORD) =>
    (await app.http.post('/auth/token').send({ username, password })).status === 200;

  it('is in force when the new address has confirmed it, and sessions go on', async () => {
    const user = await app.signUp();
    const email = newAddress();
    const { body } = await change(user, ` ${email.toUpperCase()} `);
    expect(body).to.deep.equal({ message: 'Check the new address for a link to confirm it' });
    expect((await stored(user.id))?.['email']).to.equal(user.email);
    expect(subjectsTo(email)).to.deep.equal(['Confirm your new email address']);
    expect(subjectsTo(user.email).at(-1)).to.equal('Your email address is to be changed');

    const answer = await confirm(confirmToken(email)).expect(200);
    expect(answer.body).to.deep.equal({ email });
    expect(await stored(user.id)).to.deep.include({ email, emailVerifiedAt: new Date(app.clock.now()) });
    await app.http.get('/protected').set(bearer(user.access_token)).expect(200, { user: email });
    expect([await canLogIn(email), await canLogIn(user.email)]).to.deep.equal([true, false]);
    expectRefusal(await confirm(confirmToken(email)), 'invalid_one_time_token');
  });

  it('is told to both addresses when it is in force, once each, and without a link (hold 33)', async () => {
    const user = await app.signUp({ name: 'Call +33' });
    const email = newAddress();
    await change(user, email);
    const token = confirmToken(email);
    app.mailbox.clear();
    const [answer] = await Promise.all([confirm(token), confirm(token)]);
    expect(answer?.status).to.be.oneOf([200, 400]);
    await app.auth.service.settled();
    const told = app.mailbox.messages.map(({ to, subject }) => [to, subject]);
    expect(told).to.have.deep.members([
      [user.email, 'Your email address was changed'],
      [email, 'Your new email address is in force'],
    ]);
    const textTo = (address: string) => app.mailbox.messages.find(({ to }) => to === address)?.text ?? '';
    expect(textTo(user.email)).to.include(`from ${user.email} to ${email}`).and.include('works for 7 days');
    expect(textTo(email)).to.include(`is ${email} now`).and.not.include(user.email);
    for (const { text, html } of app.mailbox.messages)
      expect(`${text}${html}`).to.not.match(/href=|https?:|\+33/);
  });

  it('is told to the addresses of then, though it is undone before the mails go out', async () => {
    const user = await app.signUp();
    const email = newAddress();
    await change(user, email);
    const [token, undoing] = [confirmToken(email), undoToken(user.email)];
    app.mailbox.clear();
    await confirm(token).expect(200);
    await undo(undoing).expect(200);
    await app.auth.service.settled();
    const textTo = (address: string) => app.mailbox.messages.filter(({ to }) => to === address);
    expect(textTo(email).map(({ text }) => text)[0]).to.include(`is ${email} now`);
    expect(textTo(user.email).map(({ subject }) => subject)).to.have.members([
      'Your email address was changed',
      'Reset your password',
    ]);
  });

  it('asks for the password, and for another address than one’s own', async () => {
    const { email, access_token } = await app.signUp();
    const missing = { code: 'required', detail: 'The password is required.', pointer: '#/password' };
    expectFaults(await ask(access_token, { email: newAddress() }), [missing]);
    expectRefusal(await ask(access_token, { email: newAddress(), password: 'wrong' }), 'wrong_password');
    const same = {
      code: 'same_email',
      detail: 'This is the address of the account already.',
      pointer: '#/email',
    };
    expectFaults(await ask(access_token, { email: email.toUpperCase(), password: PASSWORD }), [same]);
    const { body } = await ask(access_token, { email: 'no address' }).expect(422);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).to.deep.equal([
      '#/email',
      '#/password',
    ]);
    expectRefusal(await app.http.post('/auth/change-email').send({ email: 'a@b.co' }), 'missing_token');
  });

  it('takes a recent login of who has no password', async () => {
    const user = await app.signUp();
    await app.User.updateOne({ _id: user.id }, { $unset: { password: 1 } });
    const email = newAddress();
    await change(user, email, null);
    await confirm(confirmToken(email)).expect(200);
    app.clock.advance(301_000);
    expectNotRecent(await ask(user.access_token, { email: newAddress() }));
  });

  describe('to an address that somebody has', () => {
    it('is answered alike, and tells its holder, once an hour (hold 53)', async () => {
      const holder = await app.register();
      const user = await app.signUp();
      const free = await change(user, newAddress());
      const taken = await change(user, holder.email);
      expect([taken.status, taken.body]).to.deep.equal([free.status, free.body]);
      await change(user, holder.email);
      const word = 'Somebody wanted to use your email address';
      expect(subjectsTo(holder.email).filter((subject) => subject === word)).to.have.length(1);
      // The one who asked is told by the notice to the address so far, whichever it was.
      const notice = 'Your email address is to be changed';
      expect(subjectsTo(user.email).filter((subject) => subject === notice)).to.have.length(3);
    });

    it('meanwhile: is refused at the confirmation, which uses nothing up', async () => {
      const user = await app.signUp();
      const email = newAddress();
      await change(user, email);
      const other = await app.register({ email });
      expectRefusal(await confirm(confirmToken(email)), 'email_taken');
      await app.auth.service.deleteUser(other.id);
      await confirm(confirmToken(email)).expect(200);
    });
  });

  it('verifies no address that nobody has confirmed: two at once (hold 100)', async () => {
    for (let round = 0; round < 8; round += 1) {
      const user = await app.signUp();
      const wanted = [newAddress(), newAddress()] as const;
      await Promise.all(wanted.map((email) => ask(user.access_token, { email, password: PASSWORD })));
      await app.auth.service.settled();
      const answers = await Promise.all(wanted.map((email) => confirm(confirmToken(email))));
      // The address whose own link was used, and no other.
      const won = wanted.filter((_, index) => answers[index]?.status === 200);
      expect(won).to.have.length(1);
      expect((await stored(user.id))?.['email']).to.equal(won[0]);
    }
  });

  it('puts the address in force that the link was mailed to, though another was asked for since (hold 100)', async () => {
    const user = await app.signUp();
    const wanted = [newAddress(), newAddress()] as const;
    for (const email of wanted) await change(user, email);
    const { body } = await confirm(confirmToken(wanted[0])).expect(200);
    expect([body.email, (await stored(user.id))?.['email']]).to.deep.equal([wanted[0], wanted[0]]);
  });

  it('is confirmed once, of 50 at once', async () => {
    const user = await app.signUp();
    const email = newAddress();
    await change(user, email);
    const answers = await Promise.all(Array.from({ length: 50 }, () => confirm(confirmToken(email))));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
  });

  const voids: Record<
    string,
    (user: { id: string; email: string; access_token: string }) => Promise<unknown>
  > = {
    'a new password': ({ id }) => app.auth.service.setPassword(id, 'another horse'),
    'a reset': async ({ email }) => {
      const token = await app.resetToken(email);
      await app.http.post('/auth/reset-password').send({ token, password: 'another horse' }).expect(200);
    },
    'a disabling': async ({ id }) => {
      await app.auth.service.disableUser(id);
      await app.auth.service.enableUser(id);
    },
    'an undo': ({ email }) => undo(undoToken(email)).expect(200),
    'the deletion of the user': ({ id }) => app.auth.service.deleteUser(id),
    'a day': async () => app.clock.advance(DAY),
  };
  for (const [what, happens] of Object.entries(voids)) {
    it(`is void after ${what}`, async () => {
      const user = await app.signUp();
      const email = newAddress();
      await change(user, email);
      await happens(user);
      expectRefusal(await confirm(confirmToken(email)), 'invalid_one_time_token');
    });
  }

  it('is not confirmed by a link of another kind, nor undone by one (hold 6)', async () => {
    const user = await app.signUp();
    const email = newAddress();
    await change(user, email);
    expectRefusal(await undo(confirmToken(email)), 'invalid_one_time_token');
    expectRefusal(await confirm(undoToken(user.email)), 'invalid_one_time_token');
    expectRefusal(await confirm(await app.resetToken(user.email)), 'invalid_one_time_token');
    await app.http.get(`/auth/change-email/confirm?token=${confirmToken(email)}`).expect(404);
    await confirm(confirmToken(email)).expect(200);
  });

  describe('that is undone', () => {
    const PASSKEY = { method: 'passkey', id: 'new' };

    it('is so after it was confirmed, for seven days: the address, the sessions, the password', async () => {
      const user = await app.signUp();
      const email = newAddress();
      await change(user, email);
      await confirm(confirmToken(email)).expect(200);
      const thief = await app.login({ email, password: PASSWORD });
      await app.User.updateOne(
        { _id: user.id },
        { $set: { waysIn: [{ method: 'old', id: 'old', addedAt: new Date(app.clock.now() - 1) }] } },
      );
      app.clock.advance(1000);
      const added = { ...PASSKEY, addedAt: new Date(app.clock.now()) };
      await app.User.updateOne({ _id: user.id }, { $push: { waysIn: added } });
      app.clock.advance(7 * DAY - 2000);

      const { body } = await undo(undoToken(user.email)).expect(200);
      await app.auth.service.settled();
      expect(body).to.deep.equal({ email: user.email });
      const now = new Date(app.clock.now());
      expect(await stored(user.id)).to.deep.include({ email: user.email, emailVerifiedAt: now });
      expect(await stored(user.id)).to.not.have.property('password');
      expect(await waysInOf(user.id)).to.deep.equal(['old']);
      for (const { refresh_token } of [user, thief]) {
        const refused = await app.http.post('/auth/refresh').send({ refresh_token });
        expectRefusal(refused, 'invalid_refresh_token');
      }
      expect([await canLogIn(email), await canLogIn(user.email)]).to.deep.equal([false, false]);
      expectRefusal(await undo(undoToken(user.email)), 'invalid_one_time_token');

      // The recovery link that went to the restored address.
      const token = tokenIn(user.email, '/password/reset?');
      await app.http.post('/auth/reset-password').send({ token, password: 'another horse' }).expect(200);
      expect(await canLogIn(user.email, 'another horse')).to.equal(true);
    });

    it('comes with each change that is asked for, also with the sixth within seven days (hold 33)', async () => {
      const user = await app.register();
      await app.auth.service.settled();
      app.mailbox.clear();
      for (let day = 0; day < 6; day += 1) {
        await change(await app.login(user), newAddress());
        if (day < 5) app.clock.advance(86_400_000);
      }
      expect(subjectsTo(user.email)).to.deep.equal(Array(6).fill('Your email address is to be changed'));
      await undo(undoToken(user.email)).expect(200, { email: user.email });
      expect(await canLogIn(user.email)).to.equal(false);
    });

    it('is over after seven days', async () => {
      const user = await app.signUp();
      await change(user, newAddress());
      app.clock.advance(7 * DAY);
      expectRefusal(await undo(undoToken(user.email)), 'invalid_one_time_token');
    });

    it('by one of 50 at once', async () => {
      const user = await app.signUp();
      await change(user, newAddress());
      const answers = await Promise.all(Array.from({ length: 50 }, () => undo(undoToken(user.email))));
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    });

    it('by its first address: later changes, and their undos, are void', async () => {
      const user = await app.signUp();
      const [second, third] = [newAddress(), newAddress()];
      await change(user, second);
      await confirm(confirmToken(second)).expect(200);
      app.clock.advance(1000);
      await change(user, third);
      await undo(undoToken(user.email)).expect(200);
      expectRefusal(await confirm(confirmToken(third)), 'invalid_one_time_token');
      expectRefusal(await undo(undoToken(second)), 'invalid_one_time_token');
      expect((await stored(user.id))?.['email']).to.equal(user.email);
    });

    it('by the first address also when the second was restored before: each keeps its own', async () => {
      const user = await app.signUp();
      const [second, third] = [newAddress(), newAddress()];
      await change(user, second);
      await confirm(confirmToken(second)).expect(200);
      app.clock.advance(1000);
      await change(user, third);
      await confirm(confirmToken(third)).expect(200);
      await undo(undoToken(second)).expect(200);
      expect((await stored(user.id))?.['email']).to.equal(second);
      await undo(undoToken(user.email)).expect(200);
      expect((await stored(user.id))?.['email']).to.equal(user.email);
    });

    it('takes the address back from who has not verified it, and not from who has', async () => {
      for (const isVerified of [false, true]) {
        const user = await app.signUp();
        const email = newAddress();
        await change(user, email);
        await confirm(confirmToken(email)).expect(200);
        const squatter = await app.signUp({ email: user.email });
        if (isVerified) await app.User.updateOne({ _id: squatter.id }, { emailVerifiedAt: new Date() });
        const answer = await undo(undoToken(user.email));
        if (isVerified) {
          expectRefusal(answer, 'email_taken');
          expect((await stored(user.id))?.['email']).to.equal(email);
        } else {
          expect(answer.status).to.equal(200);
          expect(await stored(squatter.id)).to.equal(null);
          const gone = await app.http.get('/protected').set(bearer(squatter.access_token));
          expectRefusal(gone, 'invalid_token');
        }
      }
    });

    it('of a disabled account restores the address, and lets nobody in', async () => {
      const user = await app.signUp();
      const email = newAddress();
      await change(user, email);
      await confirm(confirmToken(email)).expect(200);
      await app.auth.service.disableUser(user.id);
      await undo(undoToken(user.email)).expect(200);
      await app.auth.service.settled();
      expect(await stored(user.id)).to.deep.include({ email: user.email });
      expect((await stored(user.id))?.['disabledAt']).to.be.instanceOf(Date);
      expect(tokenIn(user.email, '/password/reset?')).to.equal('');
    });
  });

  it('lets two that undo and confirm at once end with one of both, and never with both (hold 42)', async () => {
    for (let round = 0; round < 10; round += 1) {
      const user = await app.signUp();
      const email = newAddress();
      await change(user, email);
      const [confirmed, undone] = await Promise.all([
        confirm(confirmToken(email)).then((answer) => answer),
        undo(undoToken(user.email)).then((answer) => answer),
      ]);
      expect(confirmed.status).to.be.oneOf([200, 400]);
      expect(undone.status).to.equal(200);
      expect((await stored(user.id))?.['email']).to.equal(user.email);
      expectRefusal(await confirm(confirmToken(email)), 'invalid_one_time_token');
    }
  });
});
