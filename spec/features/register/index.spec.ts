import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
import { holdCommands } from '../../conformance/hold-back.js';
import { recordEvents } from '../../conformance/record-events.js';
import { expectFaults, expectProblem, expectRefusal } from '../../http/expect-refusal.js';
import { recordCommands } from '../../support/commands.js';
import { failureOf } from '../../support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';
import { watchCalls } from '../../support/watch-calls.js';

describe('POST /register', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      fields: {
        plan: { type: String, enum: { values: ['free', 'pro'], message: 'Choose free or pro.' } },
        seats: { type: Number, min: [1, 'At least one seat.'] },
        badge: { type: String, unique: true, sparse: true },
        address: { street: String },
        note: { type: String, select: false },
      },
      registerFields: ['phone', 'plan', 'seats', 'badge', 'address', 'note'],
    });
  });
  after(() => app.close());

  const register = (body: object) => app.http.post('/auth/register').send(body);
  const stored = (email: string) => app.connection.collection('users').findOne({ email });

  it('answers 201 with the public user, the fields of the app included (hold 66)', async () => {
    const fields = { phone: '+33 1 23 45', plan: 'pro', seats: 2, address: { street: 'Rue Jean' } };
    const response = await register({
      email: 'jean@example.com',
      password: PASSWORD,
      name: 'Jean',
      ...fields,
    });
    expect(response.status, response.text).to.equal(201);
    const { id, createdAt, updatedAt, ...rest } = response.body;
    expect(rest).to.deep.equal({
      email: 'jean@example.com',
      name: 'Jean',
      displayName: 'Jean',
      initials: 'JE',
      roles: [],
      emailVerifiedAt: null,
      company: null,
      badge: null,
      ...fields,
    });
    const document = await stored('jean@example.com');
    expect(id).to.equal(String(document?._id));
    expect([createdAt, updatedAt]).to.deep.equal([
      document?.createdAt.toISOString(),
      document?.updatedAt.toISOString(),
    ]);
    expect(response.headers['cache-control']).to.equal('no-store');
    expect(response.headers['content-type']).to.equal('application/json; charset=utf-8');
  });

  it('stores a bcrypt hash of the configured cost, and signs nobody in', async () => {
    await register({ email: 'hash@example.com', password: PASSWORD }).expect(201);
    const document = await stored('hash@example.com');
    expect(document?.password).to.match(/^\$2b\$04\$/);
    expect(await bcrypt.compare(PASSWORD, document?.password)).to.equal(true);
    expect(await app.connection.collection('auth_sessions').countDocuments()).to.equal(0);
    expect(app.mailbox.messages).to.deep.equal([]);
  });

  it('does not show a field that is select: false, though it was just given (hold 66)', async () => {
    const { body } = await register({ email: 'note@example.com', password: PASSWORD, note: 'a secret' });
    expect(body).to.not.have.property('note');
    expect((await stored('note@example.com'))?.note).to.equal('a secret');
  });

  it('takes null for a name and for fields of the app', async () => {
    const { body } = await register({
      email: 'null@example.com',
      password: PASSWORD,
      name: null,
      phone: null,
    });
    expect(body).to.include({ name: null, phone: null, displayName: 'null@example.com', initials: 'NU' });
  });

  describe('the address', () => {
    it('is stored trimmed, in NFC and lower-cased, nothing else changed (hold 46)', async () => {
      const typed = '  Jose\u0301.D+Tag@Example.COM\n';
      const { body } = await register({ email: typed, password: PASSWORD }).expect(201);
      expect(body.email).to.equal('jos\u00e9.d+tag@example.com');
      expect((await stored(body.email))?.email).to.equal('jos\u00e9.d+tag@example.com');
    });

    it('is taken in whatever form it is typed (hold 46)', async () => {
      const { email } = await app.register({ email: 'kelvin.jo\u00e9@example.com' });
      // U+212A, the Kelvin sign, is K in NFC.
      for (const typed of [email, ' KELVIN.JO\u00c9@EXAMPLE.COM ', '\u212aelvin.joe\u0301@example.com']) {
        expectRefusal(await register({ email: typed, password: PASSWORD }), 'email_taken');
      }
      expect(await app.connection.collection('users').countDocuments({ email })).to.equal(1);
    });

    it('is somebody else\u2019s where only a look-alike is taken (hold 46)', async () => {
      await app.register({ email: 'mike@example.com' });
      // A dotless i, which upper-cases to the same I.
      const { body } = await register({ email: 'm\u0131ke@example.com', password: PASSWORD }).expect(201);
      expect(body.email).to.equal('m\u0131ke@example.com');
    });

    const bad = {
      'no @': 'jean',
      'two @': 'a@b@example.com',
      'no top-level domain': 'jean@localhost',
      'a display name': 'Jean <jean@example.com>',
      'two addresses': 'jean@example.com,eve@example.com',
      'two addresses with a semicolon': 'jean@example.com;eve@example.com',
      'a quoted local part': '"jean,eve"@example.com',
      'an address in a quoted local part (hold 86)': '"e@attacker.com"@victim.com',
      'a zero-width space (hold 86)': 'je\u200ban@example.com',
      'a change of direction (hold 86)': 'jean\u202e@example.com',
      'an isolate (hold 86)': '\u2066jean\u2069@example.com',
      'a variation selector (hold 86)': 'jean\ufe0f@example.com',
      'a line break': 'jean@example.com\nBcc: eve@example.com',
      'a NUL': 'jean\0@example.com',
      'a lone surrogate': 'jean\ud800@example.com',
      'white space alone': '   ',
      '255 characters': `${'a'.repeat(61)}@${'b.'.repeat(95)}com`,
      '10,000 characters': `${'a'.repeat(10_000)}@example.com`,
    };
    for (const [name, email] of Object.entries(bad)) {
      it(`is refused with ${name} (hold 54)`, async () => {
        const before = await app.connection.collection('users').countDocuments();
        const response = await register({ email, password: PASSWORD });
        expectFaults(response, [
          { code: 'invalid_email', detail: 'The email must be an email address.', pointer: '#/email' },
        ]);
        expect(await app.connection.collection('users').countDocuments()).to.equal(before);
      });
    }
  });

  it('stores one of 50 registrations of one address at once, on a fresh database (hold 45)', async () => {
    // The index is long in coming: what is stored before it stands would be stored twice.
    const indexes = holdCommands(({ name }) => name === 'createIndexes');
    const fresh = await createTestApp();
    const hashes = watchCalls(bcrypt, 'hash');
    try {
      const account = { email: 'once@example.com', password: PASSWORD };
      const post = () => fresh.http.post('/auth/register').send(account);
      const pending = Promise.all(Array.from({ length: 50 }, post));
      while (hashes.calls.length < 50) await new Promise(setImmediate);
      await indexes.reached;
      indexes.release();
      const refused = (await pending).filter(({ status }) => status !== 201);
      expect(refused).to.have.length(49);
      for (const answer of refused) expectRefusal(answer, 'email_taken');
      expect(await fresh.connection.collection('users').countDocuments()).to.equal(1);
    } finally {
      hashes.restore();
      indexes.release();
      await fresh.close();
    }
  });

  it('takes nothing from the body but what it names: no roles, no dates, no id, no hash (hold 44)', async () => {
    const forged = {
      _id: 'ffffffffffffffffffffffff',
      id: 'ffffffffffffffffffffffff',
      __v: 7,
      __t: 'Admin',
      roles: ['admin'],
      emailVerifiedAt: '2020-01-01',
      disabledAt: '2020-01-01',
      securityStamp: 'mine',
      createdAt: '2020-01-01',
      updatedAt: '2020-01-01',
      displayName: 'Root',
      initials: 'RO',
      company: 'not among registerFields',
      $set: { roles: ['admin'] },
    };
    const { body } = await register({ email: 'eve@example.com', password: PASSWORD, ...forged }).expect(201);
    expect(body).to.include({ emailVerifiedAt: null, displayName: 'eve@example.com', company: null });
    const document = await stored('eve@example.com');
    expect(document).to.include({ emailVerifiedAt: null, disabledAt: null });
    expect(document?.roles).to.deep.equal([]);
    expect(String(document?._id)).to.not.equal(forged._id);
    expect(document?.securityStamp).to.not.equal('mine');
    expect(document?.createdAt.getUTCFullYear()).to.be.greaterThan(2020);
    expect(document).to.not.have.any.keys('company', '__t', '$set', 'id', 'displayName', 'initials');
  });

  it('takes a bcrypt hash in the password field for a password like any other (hold 44)', async () => {
    const hash = await bcrypt.hash('of the attacker', 4);
    await register({ email: 'hashed@example.com', password: hash }).expect(201);
    const login = (password: string) =>
      app.http.post('/auth/token').send({ username: 'hashed@example.com', password });
    expectRefusal(await login('of the attacker'), 'invalid_credentials');
    await login(hash).expect(200);
  });

  it('does not let a body reach a prototype (hold 65)', async () => {
    const body = (email: string) =>
      `{"email":"${email}","password":"${PASSWORD}","__proto__":{"roles":["admin"],"polluted":1},` +
      `"constructor":{"prototype":{"polluted":1}},"address":{"__proto__":{"polluted":1}}}`;
    const send = (text: string) => app.http.post('/auth/register').type('json').send(text);
    const fault = { code: 'invalid', detail: 'This value cannot be stored.', pointer: '#/address' };
    expectFaults(await send(body('proto@example.com')), [fault]);
    await send(body('proto@example.com').replace(/,"address".*$/, '}')).expect(201);
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    expect((await stored('proto@example.com'))?.roles).to.deep.equal([]);
  });

  for (const [what, name] of [
    ['a zero-width space', 'Ada\u200b'],
    ['a change of direction', 'Ada \u202eecalevoL'],
    ['an isolate', '\u2067Ada\u2069'],
    ['a line break', 'Ada\nLovelace'],
  ] as const) {
    it(`refuses a name with ${what}, and service.createUser too (hold 86)`, async () => {
      const email = 'invisible@example.com';
      const detail = 'The name must not contain invisible characters.';
      const fault = { code: 'invalid_characters', detail, pointer: '#/name' };
      expectFaults(await register({ email, password: PASSWORD, name }), [fault]);
      const error = await failureOf(() => app.auth.service.createUser({ email, password: PASSWORD, name }));
      expect(error).to.include({ status: 422, code: 'validation_failed', detail });
      expect(await stored(email)).to.equal(null);
    });
  }

  describe('the password', () => {
    const email = 'owner.of@example.com';
    const name = 'Maria Stuart';
    const common = ['too_common', 'This password is too common.'] as const;
    const own = ['too_personal', 'The password must not be your email address or name.'] as const;
    const short = ['too_short', 'The password must have at least 8 characters.'] as const;
    const unusable = ['invalid_characters', 'The password contains characters that cannot be used.'] as const;
    const refused: Record<string, [password: string, fault: readonly [code: string, detail: string]]> = {
      'has seven letters': ['zqxjkvb', short],
      // 14 UTF-16 units.
      'has seven emoji': ['\u{1f98a}'.repeat(7), short],
      'has 257 letters': [
        'zqxjkvbw'.repeat(32).concat('z'),
        ['too_long', 'The password must have at most 256 characters.'],
      ],
      'is common': ['password123', common],
      'is common but for its case': ['PassWord123', common],
      'is the address': [email, own],
      'is the address in capitals': [email.toUpperCase(), own],
      'is the local part of the address': ['owner.of', own],
      'is the name': [name, own],
      'is the name without its space': ['mariastuart', own],
      'has a NUL (hold 31)': ['zqxjkvbw\0rest', unusable],
      'has a lone surrogate (hold 31)': ['zqxjkvbw\ud800', unusable],
      'has U+FFFD (hold 79)': ['zqxj\ufffdkvbw', unusable],
    };
    for (const [what, [password, [code, detail]]] of Object.entries(refused)) {
      it(`is refused when it ${what} (hold 30)`, async () => {
        const response = await register({ email, name, password });
        expectFaults(response, [{ code, detail, pointer: '#/password' }]);
        expect(await stored(email)).to.equal(null);
      });
    }

    const accepted: Record<string, string> = {
      'eight emoji (hold 30)': '\u{1f98a}'.repeat(8),
      'letters of one case alone (hold 30)': 'zqxjkvbwzq',
      '64 CJK characters (hold 29)': `${'\u6f22'.repeat(63)}\u5b57`,
      '100 bytes (hold 28)': 'zqxjkvbw'.repeat(12).concat('last'),
      'white space at both ends': '  zqxjkvbw  ',
      'decomposed letters': 'e\u0301e\u0301e\u0301e\u0301zqxj',
    };
    for (const [index, [what, password]] of Object.entries(accepted).entries()) {
      it(`may be ${what}, and every character of it counts`, async () => {
        const username = `counts-${index}@example.com`;
        await register({ email: username, password }).expect(201);
        const login = (typed: string) => app.http.post('/auth/token').send({ username, password: typed });
        await login(password).expect(200);
        for (const other of [[...password].slice(0, -1).join(''), password.trim()]) {
          if (other !== password) expectRefusal(await login(other), 'invalid_credentials');
        }
      });
    }
  });

  describe('the fields of the app', () => {
    const refused: [what: string, fields: object, code: string, detail: string, pointer: string][] = [
      ['not among those allowed', { plan: 'gold' }, 'invalid_choice', 'Choose free or pro.', '#/plan'],
      ['out of range', { seats: 0 }, 'too_small', 'At least one seat.', '#/seats'],
      ['of the wrong type', { seats: 'many' }, 'invalid_type', 'This value is of the wrong type.', '#/seats'],
      ['an operator', { phone: { $gt: '' } }, 'invalid', 'This value cannot be stored.', '#/phone'],
      [
        'an array for a string',
        { phone: ['1'] },
        'invalid_type',
        'This value is of the wrong type.',
        '#/phone',
      ],
    ];
    for (const [what, fields, code, detail, pointer] of refused) {
      it(`are refused by the schema of the app when they are ${what}`, async () => {
        const response = await register({ email: 'fields@example.com', password: PASSWORD, ...fields });
        expectFaults(response, [{ code, detail, pointer }]);
        expect(await stored('fields@example.com')).to.equal(null);
      });
    }

    it('are told with the address, the name and the password, all at once, before any query and hash', async () => {
      const hashes = watchCalls(bcrypt, 'hash');
      try {
        const commands = await recordCommands(app.connection, async () => {
          const body = { email: 'no address', name: 5, password: 'zqx', seats: 0, phone: { $gt: '' } };
          const response = await register(body);
          expectFaults(response, [
            { code: 'invalid_email', detail: 'The email must be an email address.', pointer: '#/email' },
            { code: 'invalid_type', detail: 'The name must be a string.', pointer: '#/name' },
            { code: 'invalid', detail: 'This value cannot be stored.', pointer: '#/phone' },
            {
              code: 'too_short',
              detail: 'The password must have at least 8 characters.',
              pointer: '#/password',
            },
            { code: 'too_small', detail: 'At least one seat.', pointer: '#/seats' },
          ]);
          expect(response.text).to.not.match(/no address|zqx/);
          const missing = await register({ seats: 'many' });
          expectFaults(missing, [
            { code: 'required', detail: 'The email is required.', pointer: '#/email' },
            { code: 'required', detail: 'The password is required.', pointer: '#/password' },
            { code: 'invalid_type', detail: 'This value is of the wrong type.', pointer: '#/seats' },
          ]);
          const good = await register({ email: 'fields@example.com', password: 'short', seats: 0 });
          expect(good.body.errors.map(({ pointer }: { pointer: string }) => pointer)).to.deep.equal([
            '#/password',
            '#/seats',
          ]);
        });
        expect([commands, hashes.calls]).to.deep.equal([[], []]);
      } finally {
        hashes.restore();
      }
    });

    it('are named one by one when several are refused, nested ones too', async () => {
      const { body } = await register({
        email: 'fields@example.com',
        password: PASSWORD,
        plan: 'gold',
        seats: 0,
        address: { street: {} },
      }).expect(422);
      const pointers = body.errors.map((fault: { pointer: string }) => fault.pointer);
      expect(pointers).to.have.members(['#/plan', '#/seats', '#/address/street']);
    });

    it('that must be unique are refused when they are taken', async () => {
      await register({ email: 'badge-1@example.com', password: PASSWORD, badge: 'b' }).expect(201);
      const response = await register({ email: 'badge-2@example.com', password: PASSWORD, badge: 'b' });
      expectFaults(response, [
        { code: 'taken', detail: 'This badge is already in use.', pointer: '#/badge' },
      ]);
      expect(await stored('badge-2@example.com')).to.equal(null);
    });

    it('that are required must be there', async () => {
      const strict = await createTestApp({
        fields: { terms: { type: Boolean, required: [true, 'Accept.'] } },
      });
      try {
        const response = await strict.http
          .post('/auth/register')
          .send({ email: 'terms@example.com', password: PASSWORD });
        expectFaults(response, [{ code: 'required', detail: 'Accept.', pointer: '#/terms' }]);
        expect(await strict.User.countDocuments()).to.equal(0);
      } finally {
        await strict.close();
      }
    });
  });

  it('refuses everybody when registration is closed, and stores nobody', async () => {
    const closed = await createTestApp({ registration: 'closed' });
    try {
      const response = await closed.http
        .post('/auth/register')
        .send({ email: 'jean@example.com', password: PASSWORD });
      expectRefusal(response, 'registration_closed');
      expect(await closed.User.countDocuments()).to.equal(0);
    } finally {
      await closed.close();
    }
  });

  it('says user.registered once the user is stored, and nothing for a refusal', async () => {
    const events = recordEvents(app.auth);
    const { id, email } = await app.register();
    await register({ email, password: PASSWORD }).expect(400);
    await register({ email: 'short@example.com', password: 'short' }).expect(422);
    expect(events).to.deep.equal([
      ['user.registered', { userId: id, email, ip: '127.0.0.1', userAgent: null }],
    ]);
  });

  describe('with a beforeRegister hook', () => {
    let hooked: TestApp;
    const asked: object[] = [];
    before(async () => {
      hooked = await createTestApp({
        fields: { seats: { type: Number, max: 9 } },
        registerFields: ['phone', 'seats'],
        hooks: {
          async beforeRegister({ input, context: { ip, userAgent, acceptLanguage } }) {
            await Promise.resolve();
            asked.push({ input, context: { ip, userAgent, acceptLanguage } });
            if (input['invitation'] !== 'i-1') {
              throw new AuthError({ status: 403, code: 'no_invitation', detail: 'By invitation only.' });
            }
          },
        },
      });
    });
    after(() => hooked.close());
    beforeEach(() => {
      asked.length = 0;
    });
    const send = (body: object) =>
      hooked.http.post('/auth/register').set({ 'user-agent': 'UA', 'accept-language': 'fr' }).send(body);
    const stored = () => hooked.connection.collection('users').countDocuments();

    it('shows it the whole body but the password, and where it came from; stores what may be stored', async () => {
      const body = {
        email: ' Invited@Example.com',
        password: PASSWORD,
        phone: '1',
        invitation: 'i-1',
        roles: ['x'],
      };
      await send(body).expect(201);
      const { password: _secret, ...shown } = body;
      const context = { ip: '127.0.0.1', userAgent: 'UA', acceptLanguage: 'fr' };
      expect(asked).to.deep.equal([{ input: { ...shown, email: 'invited@example.com' }, context }]);
      const user = await hooked.connection.collection('users').findOne({ email: 'invited@example.com' });
      expect(user).to.include({ phone: '1' }).and.not.have.property('invitation');
      expect(user?.roles).to.deep.equal([]);
    });

    it('answers what it throws, and stores nothing', async () => {
      const before = await stored();
      const response = await send({ email: 'stranger@example.com', password: PASSWORD });
      expectProblem(response, { status: 403, code: 'no_invitation', detail: 'By invitation only.' });
      expect(await stored()).to.equal(before);
    });

    it('shows it no prototype: a copy of what it is shown has none but its own (hold 65)', async () => {
      const body = { email: 'copied@example.com', password: PASSWORD, invitation: 'i-1' };
      const poisoned = `{"__proto__":{"isAdmin":true},${JSON.stringify(body).slice(1)}`;
      await hooked.http
        .post('/auth/register')
        .set('content-type', 'application/json')
        .send(poisoned)
        .expect(201);
      const [{ input }] = asked as [{ input: object }];
      expect(Object.keys(input)).to.have.members(['email', 'invitation']);
      expect(Object.assign({}, input)).to.not.have.property('isAdmin');
    });

    it('asks it about nothing that would be refused anyway', async () => {
      for (const wrong of [{ email: 'no address' }, { password: 'short' }, { seats: 10 }, { name: 7 }]) {
        const body = { email: 'asked@example.com', password: PASSWORD, invitation: 'i-1', ...wrong };
        await send(body).expect(422);
      }
      expect(asked).to.deep.equal([]);
    });

    it('does not ask it about users whom the app makes', async () => {
      await hooked.auth.service.createUser({ email: 'made@example.com', password: PASSWORD });
      expect(asked).to.deep.equal([]);
    });
  });
});
