import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { createAuthRouter } from 'express-auth-kit';
import { createMailbox } from 'express-auth-kit/testing';
import { Types } from 'mongoose';
import type { Feature, Kit } from '../../lib/kit.js';
import type { MailData } from '../../lib/mail/mail-kind.js';
import type { UserDocument } from '../../lib/models/user.js';
import { hashOneTimeSecret } from '../../lib/security/one-time-secret.js';
import { recordEvents } from '../conformance/record-events.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp, type TestAppOptions } from '../support/test-app.js';

const NO_MAIL = 'no mail is configured: set mail and appUrl (SMTP_URL, MAIL_FROM, AUTH_APP_URL)';

describe('the outbox', () => {
  let app: TestApp;
  let kit: Kit;
  /** What the templates of the feature were given. */
  const given: [mail: string, data: MailData][] = [];

  /** A feature with a mail without a link, and one with. */
  const mails: Feature = {
    name: 'mails',
    mails: {
      notice: {
        template(data: MailData) {
          given.push(['notice', data]);
          return { subject: 'Notice', text: `the code ${data['code']}`, html: '' };
        },
      },
      rare: {
        template: () => ({ subject: 'Rare', text: 'rare', html: '' }),
        onceInMinutes: 60,
      },
      unused: {
        template: () => ({ subject: '', text: '', html: '' }),
        link: { path: '/unused', expiresInMinutes: 1, boundTo: () => '' },
        isOff: true,
      },
      confirm: {
        async template(data: MailData) {
          given.push(['confirm', data]);
          return { subject: 'Confirm', text: `at ${data.url}`, html: '' };
        },
        link: { path: '/confirm', expiresInMinutes: 7, boundTo: ({ name }) => `bound to ${name}` },
      },
    },
    setup(own) {
      kit = own;
      return {};
    },
  };

  /** Runs with an app of its own, with the feature and these options. */
  async function withApp(options: TestAppOptions, run: (each: TestApp) => Promise<void>) {
    const former = kit;
    const each = await createTestApp({ features: [mails], ...options });
    try {
      await run(each);
    } finally {
      kit = former;
      await each.close();
    }
  }
  async function register(each = app, fields: object = { name: 'Jean' }) {
    const { id, email } = await each.register({ ...fields });
    return { id: new Types.ObjectId(id), email };
  }
  type Recipient = Awaited<ReturnType<typeof register>>;
  /** Sends a mail. @returns what arrived, and what was told */
  async function send(
    recipient: Recipient,
    mail: string,
    data?: Readonly<Record<string, unknown>>,
    each = app,
  ) {
    each.mailbox.clear();
    given.length = 0;
    const events = recordEvents(each.auth);
    const user = await kit.users.findById(recipient.id);
    await kit.outbox.sendTo({ user, address: recipient.email }, mail, data);
    await each.auth.service.settled();
    return { arrived: each.mailbox.messages.map(({ to, subject, text }) => [to, subject, text]), events };
  }
  const tokensOf = ({ id }: Recipient, each = app) =>
    each.connection.collection('auth_one_time_tokens').find({ user: id }).toArray();
  /** That nothing was sent, and why is told. @returns the error that was told */
  function expectFailure(
    { arrived, events }: Awaited<ReturnType<typeof send>>,
    { id, email }: Recipient,
    { mail, message }: { mail: string; message: string },
  ) {
    expect(arrived).to.deep.equal([]);
    expect(events.map(([name]) => name)).to.deep.equal(['mail.failed']);
    const [[, payload] = []] = events;
    const { error, ...told } = { ...payload } as { error?: Error };
    expect(told).to.deep.equal({ userId: String(id), to: email, mail });
    expect(error?.message).to.equal(message);
    return error;
  }

  before(async () => {
    app = await createTestApp({ features: [mails] });
  });
  after(() => app.close());

  describe('with everything that mails need', () => {
    it('gives the template of a mail without a link the user and the data, and no link', async () => {
      const jean = await register();
      const { arrived, events } = await send(jean, 'notice', { code: '123', list: [1] });
      const [[name, { user, ...data }] = ['', {} as MailData]] = given;
      expect([name, data]).to.deep.equal(['notice', { code: '123', list: [1], language: 'en' }]);
      expect(user).to.include({ email: jean.email, name: 'Jean', displayName: 'Jean' });
      expect(arrived).to.deep.equal([[jean.email, 'Notice', 'the code 123']]);
      expect(events).to.deep.equal([]);
      expect(await tokensOf(jean)).to.deep.equal([]);
    });

    it('gives the template of a mail with a link also the link, and how long it works', async () => {
      const jean = await register();
      const { arrived, events } = await send(jean, 'confirm', { code: '123' });
      const [[, { url, user, ...data }] = ['', {} as MailData]] = given;
      expect(data).to.deep.equal({ code: '123', expiresInMinutes: 7, language: 'en' });
      expect(user.email).to.equal(jean.email);
      expect(url).to.match(/^https:\/\/app\.example\.com\/confirm\?token=[\w-]{43}$/);
      expect(arrived).to.deep.equal([[jean.email, 'Confirm', `at ${url}`]]);
      expect(events).to.deep.equal([]);
    });

    it('keeps of the link its hash, its end, the address and what it is bound to', async () => {
      const jean = await register();
      await send(jean, 'confirm');
      const token = new URL(given[0]?.[1].url as string).searchParams.get('token') as string;
      const [{ _id, ...row } = {}, ...others] = await tokensOf(jean);
      expect(others).to.deep.equal([]);
      expect(row).to.deep.equal({
        user: jean.id,
        kind: 'users',
        purpose: 'confirm',
        slot: 0,
        email: jean.email,
        stamp: 'bound to Jean',
        hash: hashOneTimeSecret(token),
        expiresAt: new Date(app.clock.now() + 7 * 60_000),
        givesWay: false,
      });
    });

    it('lets no data stand for the user or the link', async () => {
      const jean = await register();
      const data = { user: { email: 'evil@example.com' }, url: 'https://evil.example', expiresInMinutes: 99 };
      await send(jean, 'confirm', data);
      const [[, { user, url, expiresInMinutes }] = ['', {} as MailData]] = given;
      expect([user.email, expiresInMinutes]).to.deep.equal([jean.email, 7]);
      expect(url).to.match(/^https:\/\/app\.example\.com\//);
    });

    it('gives a template the user’s own fields, and neither hash nor stamps', async () => {
      await send(await register(app, { phone: '+33 1' }), 'confirm');
      const [[, { user }] = ['', {} as MailData]] = given;
      expect((user as unknown as { phone: string }).phone).to.equal('+33 1');
      expect(inspect(user.toObject({ virtuals: false }))).to.not.match(/password|stamp|waysIn/i);
    });

    it('sends to the stored address, never to the one it is told (hold 46)', async () => {
      const jean = await register();
      const { arrived } = await send({ ...jean, email: 'evil@example.com' }, 'notice', { code: '1' });
      expect(arrived).to.deep.equal([[jean.email, 'Notice', 'the code 1']]);
    });

    it('sends no sixth link while five are live, fails at nothing, and sends what has no link (hold 76)', async () => {
      const jean = await register();
      for (let time = 0; time < 5; time += 1) expect((await send(jean, 'confirm')).arrived).to.have.length(1);
      expect(await send(jean, 'confirm')).to.deep.equal({ arrived: [], events: [] });
      expect(given).to.deep.equal([]);
      expect((await send(jean, 'notice')).arrived).to.have.length(1);
      expect((await send(await register(), 'confirm')).arrived).to.have.length(1);
    });

    it('sends of a rare mail one in its time, whoever asks for it at once, to each user', async () => {
      const jean = await register();
      app.mailbox.clear();
      for (let time = 0; time < 10; time += 1) {
        await kit.outbox.send((await kit.users.findById(jean.id)) as UserDocument, 'rare');
        await app.auth.service.settled();
      }
      expect(app.mailbox.messages).to.have.length(1);
      expect((await send(await register(), 'rare')).arrived).to.have.length(1);
      app.clock.advance(60 * 60_000 - 1);
      expect(await send(jean, 'rare')).to.deep.equal({ arrived: [], events: [] });
      app.clock.advance(1);
      expect((await send(jean, 'rare')).arrived).to.have.length(1);
    });

    it('sends nothing to a user who is disabled, and fails at nothing', async () => {
      const jean = await register();
      await app.auth.service.disableUser(String(jean.id));
      for (const mail of ['notice', 'confirm', 'passwordReset']) {
        expect(await send(jean, mail)).to.deep.equal({ arrived: [], events: [] });
      }
      expect(given).to.deep.equal([]);
      expect(await tokensOf(jean)).to.deep.equal([]);
      await app.auth.service.enableUser(String(jean.id));
      expect((await send(jean, 'notice')).arrived).to.have.length(1);
    });

    it('sends nothing to a user who is gone, and fails at nothing', async () => {
      const nobody = { id: new Types.ObjectId(), email: 'nobody@example.com' };
      expect(await send(nobody, 'confirm')).to.deep.equal({ arrived: [], events: [] });
      expect(await tokensOf(nobody)).to.deep.equal([]);
    });

    it('tells that a mail could not be sent that no feature brings', async () => {
      const jean = await register();
      const result = await send(jean, 'toString');
      expectFailure(result, jean, { mail: 'toString', message: 'no feature sends a mail toString' });
    });

    it('says what a link is bound to and how long it works, by the mail', () => {
      expect(kit.outbox.link('confirm')).to.equal(mails.mails?.['confirm']?.link);
      expect(kit.outbox.link('passwordReset')).to.include({ path: '/password/reset', expiresInMinutes: 30 });
    });

    it('has no link for a mail that has none', async () => {
      for (const mail of ['notice', 'nothing']) {
        const error = await failureOf(() => kit.outbox.link(mail));
        expect(error.message).to.equal(`no feature sends a mail ${mail} with a link`);
      }
    });
  });

  describe('with templates and links of the app’s', () => {
    it('takes them for the kit’s own mail, by its name', async () => {
      const templates: TestAppOptions['templates'] = {
        passwordReset: async ({ user, url, expiresInMinutes }) => ({
          subject: 'Ours',
          text: `${user.email} ${url} ${expiresInMinutes}`,
          html: '',
        }),
      };
      const links = { passwordReset: 'myapp://reset?lang=fr' };
      await withApp({ templates, links }, async (each) => {
        const jean = await register(each);
        const { arrived, events } = await send(jean, 'passwordReset', {}, each);
        const [[to, subject, text] = []] = arrived;
        expect([to, subject, events]).to.deep.equal([jean.email, 'Ours', []]);
        const [email, url = '', minutes] = text?.split(' ') ?? [];
        expect([email, minutes]).to.deep.equal([jean.email, '30']);
        expect(url).to.match(/^myapp:\/\/reset\?lang=fr&token=[\w-]{43}$/);
        // The others are as they were.
        expect((await send(jean, 'notice', { code: '1' }, each)).arrived).to.deep.equal([
          [jean.email, 'Notice', 'the code 1'],
        ]);
      });
    });

    it('takes texts in the language of the user, for the kit’s mails and a feature’s', async () => {
      const worded: Feature = {
        name: 'worded',
        mails: { hello: { template: { subject: 'Hello', what: 'Hello {email}, {thing}.' } } },
        setup(own) {
          kit = own;
          return {};
        },
      };
      const { transport } = app.mailbox;
      const texts = {
        fr: {
          passwordReset: { subject: 'Nouveau mot de passe' },
          hello: { what: 'Bonjour {email}, {thing}.' },
        },
      };
      const fields = { locale: String };
      const options = { features: [worded], fields, registerFields: ['locale'] };
      const mail = { transport, from: 'Example <app@example.com>', texts };
      await withApp({ ...options, mail }, async (each) => {
        const jean = await register(each, { locale: 'fr-CA' });
        app.mailbox.clear();
        await send(jean, 'hello', { thing: 'salut', acceptLanguage: 'de' }, each);
        await send(jean, 'passwordReset', {}, each);
        await send(await register(each), 'hello', { thing: 'hi' }, each);
        const [hello, reset, other] = app.mailbox.messages;
        expect([hello?.subject, hello?.text]).to.deep.equal([
          'Hello',
          `Bonjour ${jean.email}, salut.\n\n-- \nExample\n`,
        ]);
        expect(hello?.html).to.include('<html lang="fr"');
        expect(reset?.subject).to.equal('Nouveau mot de passe');
        expect(other?.text).to.match(/^Hello .*, hi\.\n/);
      });
    });

    it('takes one without the other', async () => {
      await withApp({ links: { passwordReset: 'https://other.example/reset' } }, async (each) => {
        const { arrived } = await send(await register(each), 'passwordReset', {}, each);
        expect(arrived[0]?.[1]).to.equal('Reset your password');
        expect(arrived[0]?.[2])
          .to.include('https://other.example/reset?token=')
          .and.not.include('app.example.com');
      });
    });

    it('takes them for a feature’s mails, by their names', async () => {
      const templates = {
        notice: (data: MailData) => ({ subject: 'Ours', text: `ours ${data['code']}`, html: '' }),
        confirm: (data: MailData) => ({ subject: 'Ours', text: `ours ${data.url}`, html: '' }),
      } as TestAppOptions['templates'];
      const links = { confirm: 'https://other.example/ours' } as TestAppOptions['links'];
      await withApp({ templates, links }, async (each) => {
        const jean = await register(each);
        const notice = await send(jean, 'notice', { code: '1' }, each);
        expect(notice.arrived).to.deep.equal([[jean.email, 'Ours', 'ours 1']]);
        const { arrived } = await send(jean, 'confirm', {}, each);
        expect(arrived[0]?.[2]).to.match(/^ours https:\/\/other\.example\/ours\?token=[\w-]{43}$/);
      });
    });

    it('tells what a template of theirs throws, and sends nothing', async () => {
      const passwordReset = () => Promise.reject(new Error('no such translation'));
      await withApp({ templates: { passwordReset } }, async (each) => {
        const jean = await register(each);
        // Also the sixth time: a link whose mail has failed takes no place from the next.
        for (let time = 0; time < 6; time += 1) {
          const result = await send(jean, 'passwordReset', {}, each);
          expectFailure(result, jean, { mail: 'passwordReset', message: 'no such translation' });
        }
      });
    });
  });

  describe('without all that mails need', () => {
    it('tells that no mail goes out, with what to set, and logs it', async () => {
      const logged: unknown[] = [];
      const logger = { error: (...line: unknown[]) => void logged.push(line) };
      await withApp({ mail: undefined, logger }, async (each) => {
        const jean = await register(each);
        for (const mail of ['notice', 'confirm', 'passwordReset']) {
          logged.length = 0;
          const result = await send(jean, mail, {}, each);
          const error = expectFailure(result, jean, { mail, message: NO_MAIL });
          expect(logged).to.deep.equal([[`the mail ${mail} could not be sent`, { error }]]);
        }
        expect(given).to.deep.equal([]);
        expect(await tokensOf(jean, each)).to.deep.equal([]);
      });
    });

    it('lets a rare mail that has failed take no turn from the next', async () => {
      await withApp({ mail: undefined }, async (each) => {
        const jean = await register(each);
        for (let time = 0; time < 2; time += 1) {
          expectFailure(await send(jean, 'rare', {}, each), jean, { mail: 'rare', message: NO_MAIL });
        }
      });
      let fails = true;
      const templates = {
        rare() {
          if (fails) throw new Error('not yet');
          return { subject: 'Rare', text: '', html: '' };
        },
      } as TestAppOptions['templates'];
      await withApp({ templates }, async (each) => {
        const jean = await register(each);
        expectFailure(await send(jean, 'rare', {}, each), jean, { mail: 'rare', message: 'not yet' });
        fails = false;
        expect((await send(jean, 'rare', {}, each)).arrived).to.have.length(1);
      });
    });

    it('sends what needs no appUrl, and tells of the rest', async () => {
      const links = { passwordReset: 'https://other.example/reset' };
      await withApp({ appUrl: undefined, links }, async (each) => {
        const jean = await register(each);
        for (const mail of ['notice', 'passwordReset']) {
          expect((await send(jean, mail, {}, each)).arrived).to.have.length(1);
        }
        expectFailure(await send(jean, 'confirm', {}, each), jean, { mail: 'confirm', message: NO_MAIL });
      });
    });

    it('leaves to another router what it cannot send itself', async () => {
      const jean = await register();
      const user = (await kit.users.findById(jean.id)) as UserDocument;
      const rows = app.connection.collection('auth_outbox');
      app.mailbox.clear();
      for (const mail of ['confirm', 'notice']) await kit.outbox.send(user, mail);
      const former = kit;
      const { transport, messages } = createMailbox();
      const mail = { transport, from: 'Other <other@example.com>' };
      const secretKey = randomBytes(32).toString('base64');
      // It looks by itself.
      const other = createAuthRouter({
        User: app.User,
        secretKey,
        mail,
        clock: app.clock,
        features: [mails],
      });
      kit = former;
      const events = recordEvents(other);
      while ((await rows.countDocuments({ mail: 'notice' })) > 0) await wait(50);
      await other.service.close();
      expect(messages.map(({ subject }) => subject)).to.deep.equal(['Notice']);
      expect(events).to.deep.equal([]);
      await app.auth.service.settled();
      expect(app.mailbox.messages.map(({ subject }) => subject)).to.deep.equal(['Confirm']);
    });

    const MAIL = 'mail (SMTP_URL, MAIL_FROM)';
    const APP_URL = 'appUrl (AUTH_APP_URL)';
    const all = {
      passwordReset: 'https://a.example',
      changeEmail: 'https://c.example',
      undoEmailChange: 'https://d.example',
      confirm: 'https://b.example',
    } as TestAppOptions['links'];
    const missing: [what: string, options: TestAppOptions, names: string[]][] = [
      ['nothing, with mail and appUrl', {}, []],
      ['the mail', { mail: undefined }, [MAIL]],
      ['the appUrl', { appUrl: undefined }, [APP_URL]],
      ['both', { mail: undefined, appUrl: undefined }, [MAIL, APP_URL]],
      ['nothing, where every link leads elsewhere', { appUrl: undefined, links: all }, []],
      [
        'the appUrl, where one link of many leads elsewhere',
        { appUrl: undefined, links: { passwordReset: 'https://a.example' } },
        [APP_URL],
      ],
    ];
    for (const [what, options, names] of missing) {
      it(`says what is missing: ${what}`, async () => {
        const warnings: string[] = [];
        const logger = { warn: (line: string) => void warnings.push(line) };
        await withApp({ ...options, logger }, async () => {
          expect(kit.outbox.missing()).to.deep.equal(names);
          const [warning] = warnings.filter((line) => line.includes('mails'));
          expect(warning).to.equal(
            names.length > 0 ? `mails will not be sent: set ${names.join(' and ')}` : undefined,
          );
        });
      });
    }
  });

  describe('knows the names of all mails', () => {
    const link = 'https://x.example';
    const template = () => ({ subject: '', text: '', html: '' });
    const refused: [what: string, options: object, message: string][] = [
      [
        'a template of a mail that no feature brings',
        { templates: { Notice: template } },
        'templates.Notice: unknown option; did you mean templates.notice?; allowed: passwordGuessed, verifyEmail, alreadyRegistered, passwordReset, passwordChanged, changeEmail, undoEmailChange, emailInUse, emailChanged, newEmail, newSignIn, notice, rare, unused, confirm',
      ],
      [
        'a link of a mail that no feature brings',
        { links: { confrim: link } },
        'links.confrim: unknown option; did you mean links.confirm?; allowed: verifyEmail, passwordReset, changeEmail, undoEmailChange, unused, confirm',
      ],
      [
        'texts of a mail that no feature brings, where no mail is configured too',
        { mail: { texts: { fr: { passwordRest: {} } } } },
        'mail.texts.fr.passwordRest: unknown option; did you mean mail.texts.fr.passwordReset?; allowed: everyMail, passwordGuessed, verifyEmail, alreadyRegistered, passwordReset, passwordChanged, changeEmail, undoEmailChange, emailInUse, emailChanged, newEmail, newSignIn',
      ],
      [
        'a link of a mail that has none',
        { links: { notice: link } },
        'links.notice: unknown option; allowed: verifyEmail, passwordReset, changeEmail, undoEmailChange, unused, confirm',
      ],
    ];
    for (const [what, options, message] of refused) {
      it(`and stops the start for ${what}`, async () => {
        const error = await failureOf(() => withApp(options, async () => {}));
        expect(error).to.be.an.instanceOf(TypeError);
        expect(error.message).to.equal(message);
      });
    }
  });
});
