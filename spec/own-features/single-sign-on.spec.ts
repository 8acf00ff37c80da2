import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type { Response } from 'supertest';
import { databaseContents } from '../conformance/database-contents.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';
import { mailedCode } from './mailed-code.js';
import { type OpenIdProvider, startOpenIdProvider } from './openid-provider.js';
import { singleSignOn } from './single-sign-on.js';

const clientId = 'the app';

describe('a feature of an app’s own that signs in by a provider', () => {
  let provider: OpenIdProvider;
  let app: TestApp;

  before(async () => {
    provider = await startOpenIdProvider(clientId);
    const callbackUrl = 'http://app.example.com/auth/company/callback';
    app = await createTestApp({
      appUrl: 'http://app.example.com',
      features: [mailedCode(), singleSignOn({ issuer: provider.issuer, clientId, callbackUrl })],
    });
  });
  after(async () => {
    await app.close();
    provider.close();
  });

  /** A user whom the provider knows by this name. */
  async function employee(subject: string) {
    const account = await app.signUp();
    const user = (await app.User.findById(account.id))?._id;
    const row = { user, kind: app.User.collection.collectionName, subject };
    await app.connection.collection('app_identities').insertOne(row);
    return account;
  }
  const cookieOf = (response: Response) => response.get('Set-Cookie')?.[0]?.split(';')[0] ?? '';

  /** The browser goes to the provider, and is sent back. */
  async function visit(subject: string | null): Promise<{ cookie: string; path: string }> {
    const begun = await app.http.get('/auth/company').expect(302);
    provider.signedInAs = subject;
    const answer = await fetch(begun.headers['location'] as string, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location') as string);
    return { cookie: cookieOf(begun), path: `${back.pathname}${back.search}` };
  }
  const comeBack = ({ cookie, path }: { cookie: string; path: string }) =>
    app.http.get(path).set('cookie', cookie);

  it('sends the browser to the provider, with a state that is kept for this browser alone', async () => {
    const response = await app.http.get('/auth/company').expect(302);
    const location = new URL(response.headers['location'] as string);
    expect(`${location.origin}${location.pathname}`).to.equal(`${provider.issuer}/authorize`);
    const { state, code_challenge } = Object.fromEntries(location.searchParams);
    expect([state, code_challenge]).to.not.include(undefined);
    expect(response.get('Set-Cookie')).to.have.length(1);
    expect(response.headers['cache-control']).to.equal('no-store');
    expect(JSON.stringify(await databaseContents(app.connection))).to.not.include(
      cookieOf(response).split('=')[1],
    );
  });

  it('signs in who comes back, by a proof of its own kind', async () => {
    const { email } = await employee('ada');
    const response = await comeBack(await visit('ada')).expect(200);
    const { access_token } = response.body;
    await app.http.get('/protected').set(bearer(access_token)).expect(200, { user: email });
    expect((jwt.decode(access_token) as jwt.JwtPayload)['amr']).to.deep.equal(['fed']);
    expect(cookieOf(response)).to.match(/=$/);
  });

  it('asks for the second step here too (hold 90)', async () => {
    const { access_token } = await employee('bea');
    await app.http.post('/auth/mailed-code').set(bearer(access_token)).expect(202);
    const { status, body } = await comeBack(await visit('bea'));
    expect([status, body.code, body.methods]).to.deep.equal([403, 'second_factor_required', ['mailed_code']]);
  });

  it('takes what comes back once, from the browser that began, within ten minutes (hold 94)', async () => {
    await employee('cem');
    const visited = await visit('cem');
    const refused = async (request: PromiseLike<Response>) => {
      const { status, body } = await request;
      expect([status, body.access_token]).to.deep.equal([401, undefined]);
    };
    await refused(app.http.get(visited.path));
    await refused(app.http.get(visited.path).set('cookie', (await visit('cem')).cookie));

    const again = await visit('cem');
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => comeBack(again)));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);

    const late = await visit('cem');
    app.clock.advance(600_000);
    await refused(comeBack(late));
  });

  it('refuses whom the provider does not let in, and whom nobody knows here', async () => {
    for (const subject of [null, 'a stranger']) {
      const { status, body } = await comeBack(await visit(subject));
      expect([status, body.code]).to.deep.equal([401, 'invalid_credentials']);
    }
  });

  it('is not used up by HEAD, which link checkers send (hold 55)', async () => {
    await employee('eve');
    const visited = await visit('eve');
    await app.http.head(visited.path).set('cookie', visited.cookie).expect(401);
    await comeBack(visited).expect(200);
  });

  it('sends the browser on where it comes to the callback with nothing', async () => {
    const response = await app.http.get('/auth/company/callback');
    expect([response.status, response.headers['location']?.split('?')[0]]).to.deep.equal([
      303,
      `${provider.issuer}/authorize`,
    ]);
  });

  it('refuses a disabled user', async () => {
    const { id } = await employee('dan');
    await app.auth.service.disableUser(id);
    expect((await comeBack(await visit('dan'))).status).to.equal(401);
  });
});
