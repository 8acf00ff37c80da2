import { expect } from 'chai';
import request from 'supertest';
import { runCli } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type AppFolder, type AppProcess, createAppFolder } from './app-process.js';

const PASSWORD = 'correct horse battery';
const PAGE = { accept: 'text/html', 'sec-fetch-site': 'same-origin' };

describe('/admin of the example app', function () {
  // A process is started here: on a busy machine that takes its time.
  this.timeout(60_000);

  let database: TestDatabase;
  let folder: AppFolder;
  let app: AppProcess;
  let admin: string;

  before(async () => {
    database = await createTestDatabase();
    folder = await createAppFolder();
    app = await folder.start({
      MONGODB_URI: database.uri,
      AUTH_BCRYPT_COST: '10',
      AUTH_THROTTLE: 'off',
      CORS_ORIGINS: 'http://localhost:5173',
    });
    admin = await signIn('admin@example.com');
    await runCli(['user', 'set-roles', 'admin@example.com', 'admin'], { uri: database.uri });
  });
  after(async () => {
    await folder?.remove();
    await database?.drop();
  });

  const form = (path: string, fields: object, headers: Record<string, string> = PAGE, cookie = '') =>
    request(app.url)
      .post(path)
      .set({ ...headers, cookie })
      .type('form')
      .send(fields);
  /** @returns the cookies of a browser in which somebody has registered and logged in */
  async function signIn(email: string): Promise<string> {
    await form('/auth/register', { email, password: PASSWORD });
    const { headers } = await form('/auth/token', { username: email, password: PASSWORD });
    return (headers['set-cookie'] as unknown as string[]).map((line) => line.split(';')[0]).join('; ');
  }
  const open = (path: string, cookie: string) =>
    request(app.url)
      .get(path)
      .set({ ...PAGE, cookie });
  const stored = (email: string) => database.connection.collection('users').findOne({ email });

  it('is for admins alone, and others are led to the login', async () => {
    expect((await open('/admin', '')).headers['location']).to.equal('/login?return_to=%2Fadmin');
    const other = await signIn('no-admin@example.com');
    expect((await open('/admin', other)).status).to.equal(403);
    const id = String((await stored('admin@example.com'))?._id);
    expect((await form('/admin', { action: 'disable', id }, PAGE, other)).status).to.equal(403);
    expect((await stored('admin@example.com'))?.['disabledAt']).to.equal(null);
  });

  it('lists users, and has buttons that disable, enable, end sessions and make admins', async () => {
    const email = 'listed@example.com';
    const listed = await signIn(email);
    const id = String((await stored(email))?._id);
    const { text } = await open('/admin?email=listed', admin);
    expect(text).to.include(email).and.not.include('<strong>admin@example.com');
    const press = async (action: string) => {
      const { status, headers } = await form('/admin', { action, id }, PAGE, admin);
      expect([status, headers['location']]).to.deep.equal([303, `/admin?done=${action}`]);
      return (await open(headers['location'] as string, admin)).text;
    };
    expect(await press('end-sessions')).to.include('All sessions of the user have ended.');
    expect((await open('/account', listed)).status).to.equal(303);
    await press('disable');
    expect((await stored(email))?.['disabledAt']).to.be.a('date');
    expect((await open('/admin', admin)).text).to.include('disabled');
    await press('enable');
    await press('make-admin');
    expect((await stored(email))?.['roles']).to.deep.equal(['admin']);
    await press('take-role');
    expect((await stored(email))?.['roles']).to.deep.equal([]);
  });

  it('does nothing for a page of another origin (hold 60)', async () => {
    const id = String((await stored('no-admin@example.com'))?._id);
    const elsewhere: Record<string, string>[] = [{ origin: 'https://evil.example' }, {}];
    for (const headers of elsewhere.map((each) => ({ accept: 'text/html', ...each }))) {
      const { status, body } = await form('/admin', { action: 'disable', id }, headers, admin);
      expect([status, body.code]).to.deep.equal([403, 'forbidden_origin']);
    }
    expect((await stored('no-admin@example.com'))?.['disabledAt']).to.equal(null);
  });

  it('answers pages of the origins that it is told of, and no others', async () => {
    const from = (origin: string) => request(app.url).get('/auth/me').set({ origin, cookie: admin });
    const allowed = await from('http://localhost:5173');
    expect(allowed.headers).to.include({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-credentials': 'true',
    });
    expect((await from('http://localhost:5174')).headers).to.not.have.property('access-control-allow-origin');
    const login = { username: 'admin@example.com', password: PASSWORD };
    const logIn = (origin: string) => form('/auth/token', login, { accept: 'text/html', origin });
    expect((await logIn('http://localhost:5173')).status).to.equal(303);
    expect((await logIn('http://localhost:5174')).status).to.equal(403);
  });

  it('keeps the last admin, and takes no button that there is not', async () => {
    const id = String((await stored('admin@example.com'))?._id);
    const { headers } = await form('/admin', { action: 'take-role', id }, PAGE, admin);
    expect(headers['location']).to.equal('/admin?error=last_admin');
    expect((await open('/admin?error=last_admin', admin)).text).to.include('This is the last admin');
    for (const fields of [{}, { action: 'constructor', id }, { action: ['disable', 'x'], id: 'nobody' }])
      expect((await form('/admin', fields, PAGE, admin)).status).to.equal(303);
    const gone = await form('/admin', { action: 'disable', id: 'f'.repeat(24) }, PAGE, admin);
    expect(gone.headers['location']).to.equal('/admin?error=not_found');
  });
});
