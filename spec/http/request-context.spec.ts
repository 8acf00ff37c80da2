import { expect } from 'chai';
import type { Limit } from 'express-auth-kit/feature';
import { recordEvents } from '../conformance/record-events.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('where a request comes from', () => {
  const contextOf = async (app: TestApp, headers: Record<string, string>) => {
    const { email, password } = await app.register();
    const events = recordEvents(app.auth);
    await app.http.post('/auth/token').set(headers).send({ username: email, password }).expect(200);
    const { ip, userAgent } = Object(events[0]?.[1]);
    return { ip, userAgent };
  };

  it('is the address of the connection: X-Forwarded-For counts for nothing by default (hold 24)', async () => {
    const app = await createTestApp();
    try {
      const context = await contextOf(app, { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'UA' });
      expect(context).to.deep.equal({ ip: '127.0.0.1', userAgent: 'UA' });
    } finally {
      await app.close();
    }
  });

  it('is what X-Forwarded-For says where the app trusts its proxy', async () => {
    const app = await createTestApp({ prepare: (each) => each.set('trust proxy', 1) });
    try {
      const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7', 'user-agent': 'UA' };
      expect(await contextOf(app, headers)).to.deep.equal({ ip: '203.0.113.7', userAgent: 'UA' });
    } finally {
      await app.close();
    }
  });

  for (const [what, header, ip] of [
    ['free text', 'unknown <b>', null],
    ['the name of a proxy', '_hidden', null],
    ['IPv4 carried by IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv6 at length', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ] as const) {
    it(`is stored, told and asked limits about as an address or null, where the header says ${what} (hold 85)`, async () => {
      const asked: unknown[] = [];
      const limits: Limit = {
        before: async ({ operation, ip }) => void (operation === 'login' && asked.push(ip)),
        after: async () => {},
      };
      const app = await createTestApp({
        prepare: (each) => each.set('trust proxy', true),
        features: [{ name: 'watching', setup: () => ({ limits }) }],
        hooks: { beforeSignIn: ({ context }) => void asked.push(context.ip) },
      });
      try {
        expect(await contextOf(app, { 'x-forwarded-for': header })).to.include({ ip });
        const session = await app.connection.collection('auth_sessions').findOne({});
        expect([session?.['ip'], ...asked]).to.deep.equal([ip, ip, ip]);
      } finally {
        await app.close();
      }
    });
  }

  it('is an address or null where the app’s own code says it, too (hold 85)', async () => {
    const app = await createTestApp();
    try {
      const { id } = await app.register();
      const events = recordEvents(app.auth);
      for (const ip of ['::ffff:203.0.113.7', 'free text']) await app.auth.service.issueTokens(id, { ip });
      expect(events.map(([, payload]) => Object(payload).ip)).to.deep.equal(['203.0.113.7', null]);
      const sessions = await app.connection.collection('auth_sessions').find({}).sort({ _id: 1 }).toArray();
      expect(sessions.map(({ ip }) => ip)).to.deep.equal(['203.0.113.7', null]);
    } finally {
      await app.close();
    }
  });

  it('names at most 512 characters of the browser', async () => {
    const app = await createTestApp();
    try {
      const { userAgent } = await contextOf(app, { 'user-agent': 'x'.repeat(1000) });
      expect(userAgent).to.equal('x'.repeat(512));
    } finally {
      await app.close();
    }
  });

  it('may be told by no browser at all', async () => {
    const app = await createTestApp();
    try {
      const { email, password } = await app.register();
      const events = recordEvents(app.auth);
      await app.http.post('/auth/token').unset('user-agent').send({ username: email, password }).expect(200);
      expect(events[0]?.[1]).to.include({ userAgent: null });
    } finally {
      await app.close();
    }
  });
});
