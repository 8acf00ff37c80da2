import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type AppProcess, startApp } from '../support/app-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createKeyPair } from '../support/key-pairs.js';

const PASSWORD = 'correct horse battery';

/**
 * A key is changed over a running fleet in two deployments: first the new key verifies everywhere, then it signs. At
 * each moment some processes have the former configuration and some the latter.
 */
describe('a change of the key over a running fleet', function () {
  this.timeout(60_000);
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const pairs = { HS256: 'a secret', ES256: 'an EC key' } as const;
  for (const [algorithm, what] of Object.entries(pairs) as [keyof typeof pairs, string][]) {
    it(`logs nobody out: ${what} (hold 15)`, async () => {
      const newKey = () =>
        algorithm === 'HS256' ? randomBytes(32).toString('base64') : createKeyPair(algorithm).privateKey;
      const [old, next] = [newKey(), newKey()];
      const start = (secretKey: string, ...previousSecretKeys: string[]) =>
        startApp({ mongodbUri: database.uri, secretKey, options: { algorithm, previousSecretKeys } });
      const [before, announced, switched, after] = await Promise.all([
        start(old),
        start(old, next),
        start(next, old),
        start(next),
      ]);
      const fleets = [[before, announced], [announced, switched], [switched]];
      try {
        const email = `${algorithm.toLowerCase()}@example.com`;
        await before.post('/auth/register', { email, password: PASSWORD });
        let { body } = await before.post('/auth/token', { username: email, password: PASSWORD });
        for (const fleet of fleets) {
          // Whichever process a request meets, and whichever the next one does.
          for (const issuer of fleet) {
            for (const verifier of fleet) {
              expect((await verifier.get('/protected', body.access_token)).status).to.equal(200);
              const refreshed = await issuer.post('/auth/refresh', { refresh_token: body.refresh_token });
              expect(refreshed.status).to.equal(200);
              body = refreshed.body;
              expect((await verifier.get('/protected', body.access_token)).status).to.equal(200);
            }
          }
        }
        // With the old key gone, what it signed is refused, and what the new one signed goes on.
        const { body: former } = await before.post('/auth/token', { username: email, password: PASSWORD });
        expect((await after.get('/protected', former.access_token)).status).to.equal(401);
        expect((await after.post('/auth/refresh', { refresh_token: body.refresh_token })).status).to.equal(
          200,
        );
      } finally {
        await Promise.all([before, announced, switched, after].map((app: AppProcess) => app.stop()));
      }
    });
  }
});
