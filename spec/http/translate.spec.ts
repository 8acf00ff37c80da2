import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { expectRefusal } from './expect-refusal.js';

describe('the words of an app', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({
      fields: { seats: { type: Number, min: [1, 'At least one seat.'] } },
      registerFields: ['seats'],
      messages: {
        fr: {
          email_taken: 'Adresse déjà utilisée',
          required: 'Ce champ est obligatoire.',
          invalid_credentials: 'Adresse ou mot de passe incorrect',
          missing_token: 'Connectez-vous.',
          not_yet: 'Pas encore.',
        },
        'de-AT': { required: 'Pflichtfeld.', validation_failed: 'Bitte prüfen Sie Ihre Angaben.' },
      },
      hooks: {
        beforeSignIn({ user }) {
          if (user.name) throw new AuthError({ status: 403, code: user.name, detail: 'Not yet.' });
        },
      },
    });
  });
  after(() => app.close());

  const register = (language: string | undefined, body: object = {}) => {
    const request = app.http.post('/auth/register');
    return (language === undefined ? request : request.set('accept-language', language)).send(body);
  };
  const required = (field: string, detail: string) => ({ code: 'required', detail, pointer: `#/${field}` });

  it('are told to who reads them, by code, and the answer says so', async () => {
    const { email } = await app.register();
    const taken = await register('fr', { email, password: 'correct horse battery' });
    expect([taken.status, taken.body.code, taken.body.detail]).to.deep.equal([
      400,
      'email_taken',
      'Adresse déjà utilisée',
    ]);
    expect(taken.headers).to.include({ 'content-language': 'fr', vary: 'Accept-Language' });
    expect(taken.headers['content-type']).to.equal('application/problem+json');

    const { body } = await register('fr', { seats: 0 });
    expect(body.errors).to.deep.equal([
      required('email', 'Ce champ est obligatoire.'),
      required('password', 'Ce champ est obligatoire.'),
      // For this there are none.
      { code: 'too_small', detail: 'At least one seat.', pointer: '#/seats' },
    ]);
    expect(body.detail).to.equal('Ce champ est obligatoire. Ce champ est obligatoire. At least one seat.');
  });

  it('may sum up what is wrong with the fields', async () => {
    const { body } = await register('de-AT');
    expect(body.detail).to.equal('Bitte prüfen Sie Ihre Angaben.');
    expect(body.errors).to.deep.equal([
      required('email', 'Pflichtfeld.'),
      required('password', 'Pflichtfeld.'),
    ]);
  });

  const chosen: [language: string | undefined, detail: string, contentLanguage: string | undefined][] = [
    [undefined, 'The email is required.', undefined],
    ['*', 'The email is required.', undefined],
    ['en', 'The email is required.', undefined],
    ['nl', 'The email is required.', undefined],
    ['', 'The email is required.', undefined],
    ['fr;q=0', 'The email is required.', undefined],
    ['en, fr;q=0.5', 'The email is required.', undefined],
    ['fr', 'Ce champ est obligatoire.', 'fr'],
    ['FR', 'Ce champ est obligatoire.', 'fr'],
    ['fr-CH', 'Ce champ est obligatoire.', 'fr'],
    ['nl, fr;q=0.9, en;q=0.8', 'Ce champ est obligatoire.', 'fr'],
    ['de', 'Pflichtfeld.', 'de-AT'],
    ['fr;q=0.1, de-AT', 'Pflichtfeld.', 'de-AT'],
  ];
  for (const [language, detail, contentLanguage] of chosen) {
    it(`are those of ${contentLanguage ?? 'the kit'} for ${language ?? 'who names no language'}`, async () => {
      const { body, headers } = await register(language);
      expect(body.errors[0].detail).to.equal(detail);
      expect(headers['content-language']).to.equal(contentLanguage);
      expect(headers['vary']).to.equal('Accept-Language');
    });
  }

  it('are the guards’ too, with the challenge as ever', async () => {
    const { status, body, headers } = await app.http.get('/protected').set('accept-language', 'fr');
    expect([status, body.code, body.detail]).to.deep.equal([401, 'missing_token', 'Connectez-vous.']);
    expect(headers).to.include({ 'www-authenticate': 'Bearer', 'content-language': 'fr' });
  });

  it('may be for codes of the app’s own; a code that is nobody’s is left alone', async () => {
    for (const [code, detail] of [
      ['not_yet', 'Pas encore.'],
      ['constructor', 'Not yet.'],
      ['__proto__', 'Not yet.'],
    ] as const) {
      const { email: username, password } = await app.register({ name: code });
      const post = app.http.post('/auth/token').set('accept-language', 'fr');
      const { body, headers } = await post.send({ username, password }).expect(403);
      expect([body.code, body.detail]).to.deep.equal([code, detail]);
      expect(headers['content-language']).to.equal(code === 'not_yet' ? 'fr' : undefined);
    }
  });

  it('are not for OAuth clients, whose errors have ASCII alone (hold 26)', async () => {
    const form = { grant_type: 'password', username: 'nobody@example.com', password: 'x' };
    const { body, headers } = await app.http
      .post('/auth/token')
      .set('accept-language', 'fr')
      .type('form')
      .send(form);
    expect(body).to.deep.equal({ error: 'invalid_grant', error_description: 'Incorrect email or password' });
    expect(headers).to.not.have.any.keys('content-language', 'vary');
  });

  it('tell the app’s log what they told before', async () => {
    const seen: AuthError[] = [];
    const other = await createTestApp({
      messages: { en: { missing_token: 'Sign in, please.' } },
      onError: (error) => {
        seen.push(error);
        return error;
      },
    });
    try {
      await other.http.get('/protected').expect(401);
      const [error] = seen as [AuthError];
      expect(error).to.include({
        name: 'MissingToken',
        detail: 'Sign in, please.',
        message: 'Not authenticated',
      });
      expect(error.constructor.name).to.equal('MissingToken');
      expect(error.stack).to.match(/^MissingToken: Not authenticated|^Error: Not authenticated/);
    } finally {
      await other.close();
    }
  });

  it('ask nothing of a request where there are none', async () => {
    const plain = await createTestApp();
    try {
      const response = await plain.http.get('/protected').set('accept-language', 'fr');
      expectRefusal(response, 'missing_token');
      expect(response.headers).to.not.have.any.keys('content-language', 'vary');
    } finally {
      await plain.close();
    }
  });
});
