import { expect } from 'chai';
import { withAccounts } from '../../lib/cli/accounts.js';
import { createTestTerminal } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { failureOf } from '../support/failure.js';
import { startLoneMongod } from '../support/lone-mongod.js';

describe('withAccounts', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const open = (env: Record<string, string>) => {
    const { terminal } = createTestTerminal({ uri: database.uri, env });
    return withAccounts(terminal, { collection: 'users' }, async ({ hasMail, missingMail }) => ({
      hasMail,
      missingMail,
    }));
  };

  it('needs no key, and looks at none', async () => {
    await open({});
    await open({ AUTH_SECRET_KEY: 'short', AUTH_ALGORITHM: 'none', AUTH_ACCES_TOKEN_EXPIRE_MINUTES: '1' });
  });

  it('creates nothing where nothing is written', async () => {
    await open({});
    expect(await database.connection.listCollections()).to.deep.equal([]);
  });

  it('says what mails need', async () => {
    const missingMail = ['mail (SMTP_URL, MAIL_FROM)', 'appUrl (AUTH_APP_URL)'];
    expect(await open({})).to.deep.equal({ hasMail: false, missingMail });
    const env = {
      SMTP_URL: 'smtp://localhost',
      MAIL_FROM: 'a@example.com',
      AUTH_APP_URL: 'https://example.com',
    };
    expect(await open(env)).to.deep.equal({ hasMail: true, missingMail: [] });
    expect(await open({ ...env, AUTH_APP_URL: '' })).to.deep.equal({
      hasMail: true,
      missingMail: ['appUrl (AUTH_APP_URL)'],
    });
  });

  for (const [what, env, reason] of [
    ['no database', { MONGODB_URI: '' }, 'MONGODB_URI is not set'],
    ['what is no URI', { MONGODB_URI: 'mongodb:/ada:geheim@localhost' }, 'MONGODB_URI is no URI'],
    [
      'a URI of another kind',
      { MONGODB_URI: 'postgres://ada:geheim@localhost/app' },
      'MONGODB_URI is no URI',
    ],
    [
      'an option that there is not',
      { MONGODB_URI: 'mongodb://localhost/?geheim=1' },
      'MONGODB_URI is no URI',
    ],
    ['a malformed variable', { AUTH_BCRYPT_COST: '99' }, 'AUTH_BCRYPT_COST: 99 given'],
    ['half a configuration of mail', { SMTP_URL: 'smtp://localhost' }, 'MAIL_FROM'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const failure = await failureOf(() => open(env as Record<string, string>));
      expect(failure).to.include({ exitCode: 2 });
      expect(failure.message).to.include(reason).and.not.include('geheim');
    });
  }

  it('closes the connection, whatever the work throws', async () => {
    const { terminal } = createTestTerminal({ uri: database.uri });
    let close: (() => Promise<void>) | undefined;
    const failure = await failureOf(() =>
      withAccounts(terminal, { collection: 'users' }, async ({ users }) => {
        close = async () => void (await users.list({ limit: 1 }));
        throw new Error('the work fails');
      }),
    );
    expect(failure.message).to.equal('the work fails');
    expect(await failureOf(() => close?.())).to.be.an('error');
  });

  it('ends within seconds where the database stands still in the middle of it', async function () {
    this.timeout(60_000);
    const mongod = await startLoneMongod(this);
    try {
      const { terminal } = createTestTerminal({ uri: mongod.uri('paused') });
      const pause = withAccounts(terminal, { collection: 'users' }, async ({ service }) => {
        await mongod.pause();
        await service.findUser({ email: 'ada@example.com' });
      });
      const startedAt = performance.now();
      expect((await failureOf(() => pause)).message).to.equal('the database did not answer in time');
      const failure = await failureOf(() => withAccounts(terminal, { collection: 'users' }, async () => {}));
      expect(failure.message).to.match(/^the database cannot be used: /);
      expect(performance.now() - startedAt).to.be.lessThan(20_000);
      mongod.resume();
    } finally {
      await mongod.stop();
    }
  });

  it('makes the indexes that a first user needs', async () => {
    const { terminal } = createTestTerminal({ uri: database.uri });
    await withAccounts(terminal, { collection: 'members' }, ({ prepare }) => prepare());
    const indexes = await database.connection.collection('members').indexes();
    expect(indexes.find(({ name }) => name === 'email_1')).to.include({ unique: true });
  });

  it('leaves a unique index that stands, whatever its collation is', async () => {
    const people = database.connection.collection('people');
    await people.createIndex({ email: 1 }, { unique: true, collation: { locale: 'en', strength: 2 } });
    const { terminal } = createTestTerminal({ uri: database.uri });
    await withAccounts(terminal, { collection: 'people' }, async ({ prepare, service }) => {
      await prepare();
      await service.createUser({ email: 'ada@example.com' });
    });
    expect((await people.indexes()).map(({ name }) => name)).to.deep.equal(['_id_', 'email_1']);
  });
});
