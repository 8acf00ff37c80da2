import { expect } from 'chai';
import { createTestApp } from '../support/test-app.js';

describe('the watch for proxies that are not trusted', () => {
  for (const [what, trust, header, warnings] of [
    ['warns once of one', false, '203.0.113.7', 1],
    ['warns of one where the app trusts others alone', '10.0.0.0/8', '203.0.113.7', 1],
    ['says nothing of one that is trusted', 1, '203.0.113.7', 0],
    ['says nothing of one that is trusted by its network', 'loopback', '203.0.113.7', 0],
    ['says nothing where there is none', false, undefined, 0],
  ] as const) {
    it(what, async () => {
      const told: string[] = [];
      const app = await createTestApp({
        prepare: (each) => each.set('trust proxy', trust),
        logger: { warn: (message) => void told.push(String(message)) },
      });
      try {
        for (let time = 0; time < 3; time += 1)
          await app.http
            .get('/auth/me')
            .set(header ? { 'x-forwarded-for': header } : {})
            .expect(401);
        const ofProxies = told.filter((message) => message.includes('X-Forwarded-For'));
        expect(ofProxies).to.have.length(warnings);
        for (const message of ofProxies)
          expect(message).to.include('"trust proxy"').and.not.include('203.0.113.7');
      } finally {
        await app.close();
      }
    });
  }
});
