import { expect } from 'chai';
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

  it('names at most 256 characters of the browser', async () => {
    const app = await createTestApp();
    try {
      const { userAgent } = await contextOf(app, { 'user-agent': 'x'.repeat(1000) });
      expect(userAgent).to.equal('x'.repeat(256));
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
