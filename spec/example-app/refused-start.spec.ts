import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createAppFolder } from './app-process.js';

const SECRET = randomBytes(32).toString('base64url');

interface Refusal {
  env: NodeJS.ProcessEnv;
  /** The content of `.env`. */
  file?: string;
  /** The whole of what it says. */
  says: RegExp;
}

describe('a start of the example app', function () {
  // Processes are started here: on a busy machine that takes its time.
  this.timeout(60_000);

  let database: TestDatabase;
  const occupied = createServer();
  const outcomes = new Map<string, ReturnType<typeof attempt>>();

  const refusals: Record<string, Refusal> = {
    'in production without MONGODB_URI': {
      env: { NODE_ENV: 'production', AUTH_SECRET_KEY: SECRET, MONGODB_URI: '' },
      says: /^MONGODB_URI: required with NODE_ENV=production, and not given\n$/,
    },
    'in production without AUTH_SECRET_KEY': {
      env: { NODE_ENV: 'production', AUTH_SECRET_KEY: '' },
      says: /^AUTH_SECRET_KEY: required with NODE_ENV=production, and not given\n$/,
    },
    'with a lifetime in .env that is no number': {
      env: {},
      file: `AUTH_SECRET_KEY=${SECRET}\nAUTH_ACCESS_TOKEN_EXPIRE_MINUTES=15x\n`,
      says: /^AUTH_ACCESS_TOKEN_EXPIRE_MINUTES: "15x" given; allowed: .*\n$/,
    },
    'with an SMTP_URL and no MAIL_FROM': {
      env: { SMTP_URL: `smtp://app:${SECRET}@127.0.0.1:25` },
      says: /^.*MAIL_FROM.*required.*\n$/,
    },
    'with a MONGODB_URI where nobody answers': {
      env: { MONGODB_URI: `mongodb://app:${SECRET}@127.0.0.1:1/?serverSelectionTimeoutMS=300` },
      says: /^MONGODB_URI: the server cannot be used: .*ECONNREFUSED.*\n$/,
    },
    'with a PORT that is in use': {
      // With a MongoDB of its own, where one can be started: it must not be left behind.
      env: process.env.MONGODB_URI ? {} : { MONGODB_URI: '' },
      says: /^PORT: \d+ is in use on 127\.0\.0\.1; choose another one\n$/,
    },
  };

  async function attempt({ env, file }: Refusal) {
    const folder = await createAppFolder();
    try {
      if (file) await writeFile(join(folder.path, '.env'), file);
      const outcome = await folder.runToEnd({ MONGODB_URI: database.uri, ...env });
      // mongod empties its lock when it is shut down in order.
      const lock = await readFile(join(folder.path, '.data/mongodb/mongod.lock'), 'utf8').catch(() => '');
      return { ...outcome, lock };
    } finally {
      await folder.remove();
    }
  }

  before(async () => {
    database = await createTestDatabase();
    occupied.listen(0, '127.0.0.1');
    await once(occupied, 'listening');
    const port = String((occupied.address() as AddressInfo).port);
    for (const [name, refusal] of Object.entries(refusals)) {
      const env = { ...refusal.env, ...(name.includes('PORT') && { PORT: port }) };
      outcomes.set(name, attempt({ ...refusal, env }));
    }
  });
  after(async () => {
    await Promise.allSettled(outcomes.values());
    occupied.close();
    await database?.drop();
  });

  for (const [name, { says }] of Object.entries(refusals)) {
    it(`${name} is refused in one line, which holds no secret`, async () => {
      const outcome = await outcomes.get(name);
      expect(outcome?.stderr).to.match(says).and.not.include(SECRET);
      expect(outcome).to.include({ code: 1, stdout: '', lock: '' });
    });
  }
});
