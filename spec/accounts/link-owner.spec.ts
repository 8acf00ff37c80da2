import { expect } from 'chai';
import { type AuthError, InvalidOneTimeToken } from 'express-auth-kit';
import { requireLinkOwner } from '../../lib/accounts/link-owner.js';
import type { Feature, Kit } from '../../lib/kit.js';
import type { UserDocument } from '../../lib/models/user.js';
import { createOneTimeSecret, hashOneTimeSecret } from '../../lib/security/one-time-secret.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const MINUTES = 60_000;

describe('whom a mailed link speaks for', () => {
  let app: TestApp;
  let kit: Kit;

  before(async () => {
    const template = ({ url }: { url: string }) => ({ subject: 'A link', text: url, html: '' });
    // Bound to the name: what a link is bound to is the mail's own choice.
    const link = {
      path: '/link',
      expiresInMinutes: 10,
      boundTo: ({ name }: { name?: string | null }) => name ?? '',
    };
    const feature: Feature = {
      name: 'links',
      mails: { confirm: { template, link }, invite: { template, link }, plain: { template } },
      setup(own) {
        kit = own;
        return {};
      },
    };
    app = await createTestApp({ features: [feature] });
  });
  after(() => app.close());

  type User = Awaited<ReturnType<typeof register>>;
  async function register() {
    const { id, email } = await app.register({ name: 'Jean' });
    return { id: (await kit.users.findById(id))?._id, email };
  }
  /** Mails a link. @returns its token */
  async function mailed(user: User, mail = 'confirm'): Promise<string> {
    app.mailbox.clear();
    await kit.outbox.send((await kit.users.findById(user.id)) as UserDocument, mail);
    await app.auth.service.settled();
    const sent = app.mailbox.messages.find(({ subject }) => subject === 'A link');
    const token = new URL(sent?.text ?? '').searchParams.get('token');
    return token as string;
  }
  const owner = (token: string, mail = 'confirm') => requireLinkOwner(kit, mail, token);
  const tokensOf = ({ id }: User) =>
    app.connection.collection('auth_one_time_tokens').find({ user: id }).sort({ _id: 1 }).toArray();

  /** That a token is refused, and stays where it is. */
  async function expectRefused(token: string, mail = 'confirm') {
    const before = await app.connection.collection('auth_one_time_tokens').find({}).toArray();
    const error = await failureOf<AuthError>(() => owner(token, mail));
    expect(error).to.be.an.instanceOf(InvalidOneTimeToken);
    expect(error).to.include({
      status: 400,
      code: 'invalid_one_time_token',
      detail: 'Token invalid or expired',
      message: 'Token invalid or expired',
    });
    expect(await app.connection.collection('auth_one_time_tokens').find({}).toArray()).to.deep.equal(before);
  }

  it('is the user it was mailed to, with the hash that it is stored by', async () => {
    const user = await register();
    const token = await mailed(user);
    const found = await owner(token);
    expect(found.hash).to.equal(hashOneTimeSecret(token));
    expect(found.user.id).to.equal(String(user.id));
    expect(found.user.email).to.equal(user.email);
    expect(found.user.toObject()).to.not.have.any.keys('password', 'waysIn');
  });

  it('is asked without using the token up', async () => {
    const user = await register();
    const token = await mailed(user);
    const before = await tokensOf(user);
    expect(before).to.have.length(1);
    for (let time = 0; time < 3; time += 1) expect((await owner(token)).user.email).to.equal(user.email);
    expect(await tokensOf(user)).to.deep.equal(before);
  });

  it('is nobody by the token of another mail', async () => {
    const user = await register();
    const [token, invitation] = [await mailed(user), await mailed(user, 'invite')];
    await expectRefused(token, 'invite');
    await expectRefused(token, 'passwordReset');
    await expectRefused(invitation, 'confirm');
    await owner(token);
    await owner(invitation, 'invite');
  });

  it('is nobody from the moment on at which the link is over', async () => {
    const token = await mailed(await register());
    app.clock.advance(10 * MINUTES - 1);
    await owner(token);
    app.clock.advance(1);
    await expectRefused(token);
  });

  it('is the user by an older token too: a newer one voids none', async () => {
    const user = await register();
    const [former, newest] = [await mailed(user), await mailed(user)];
    for (const token of [newest, former]) expect((await owner(token)).user.id).to.equal(String(user.id));
  });

  it('is nobody by what is no token', async () => {
    const token = await mailed(await register());
    const others = [
      '',
      'x',
      token.slice(1),
      `${token} `,
      hashOneTimeSecret(token),
      createOneTimeSecret().secret,
    ];
    for (const other of others) await expectRefused(other);
    await owner(token);
  });

  it('is nobody while the user is disabled', async () => {
    const user = await register();
    const token = await mailed(user);
    await app.auth.service.disableUser(String(user.id));
    await expectRefused(token);
    await app.auth.service.enableUser(String(user.id));
    await owner(token);
  });

  const changes: [what: string, set: (user: User) => object, back: (user: User) => object][] = [
    [
      'the user has another address (hold 56)',
      ({ id }) => ({ email: `${id}@example.org` }),
      ({ email }) => ({ email }),
    ],
    ['what the link is bound to has changed', () => ({ name: 'Paul' }), () => ({ name: 'Jean' })],
    ['what the link is bound to has gone', () => ({ name: null }), () => ({ name: 'Jean' })],
  ];
  for (const [what, set, back] of changes) {
    it(`is nobody while ${what}`, async () => {
      const user = await register();
      const token = await mailed(user);
      await app.User.updateOne({ _id: user.id }, { $set: set(user) });
      await expectRefused(token);
      await app.User.updateOne({ _id: user.id }, { $set: back(user) });
      await owner(token);
    });
  }

  it('is the same user still, though what the link is not bound to has changed', async () => {
    const user = await register();
    const token = await mailed(user);
    await app.auth.service.revokeSessions(String(user.id));
    await app.auth.service.setPassword(String(user.id), 'another good one');
    expect((await owner(token)).user.email).to.equal(user.email);
  });

  it('is nobody when the user is gone, though the token is there', async () => {
    const user = await register();
    const token = await mailed(user);
    await app.User.deleteOne({ _id: user.id });
    expect(await tokensOf(user)).to.have.length(1);
    await expectRefused(token);
  });

  it('is a question that a mail without a link cannot answer', async () => {
    for (const mail of ['plain', 'nothing']) {
      const error = await failureOf(() => owner('x', mail));
      expect(error).to.not.be.an.instanceOf(InvalidOneTimeToken);
      expect(error.message).to.equal(`no feature sends a mail ${mail} with a link`);
    }
  });
});
