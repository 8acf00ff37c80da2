import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';
import { recordEvents } from '../record-events.js';
import { createSecrets, type Secrets } from './secrets.js';
import { createOutput, type Output } from './watch-output.js';

/** An app of which all that is secret is known, and all that is written is seen. */
export interface WatchedApp {
  app: TestApp;
  secrets: Secrets;
  output: Output;
  /** Plays something, and sends what waits. @returns all that was seen: no secret is in it */
  expectNothingSeen(play: () => unknown): Promise<string>;
  close(): Promise<void>;
}

/** With a logger at its loudest, and the audit trail. */
export async function createWatchedApp({ prepare, ...options }: TestAppOptions = {}): Promise<WatchedApp> {
  const secrets = createSecrets();
  const output = createOutput();
  const secretKey = randomBytes(32).toString('base64');
  secrets.add(secretKey);
  const stop = secrets.inCommands();
  const app = await createTestApp({
    secretKey,
    logger: output.logger,
    audit: 1,
    throttle: false,
    prepare(each) {
      // In tests Express's own error handler would write nothing.
      each.set('env', 'development').use(secrets.onTheWire, output.answers);
      prepare?.(each);
    },
    // What this hands on is Express's own handler's, which writes it.
    finish: (each) => each.use(output.errorHandler),
    ...options,
  });
  const events = recordEvents(app.auth);
  return {
    app,
    secrets,
    output,
    async expectNothingSeen(play) {
      const text = await output.during(async () => {
        await play();
        await app.auth.service.settled();
        output.note('events', events.splice(0));
        const trail = app.connection.collection('auth_audit');
        output.note('audit trail', await trail.find().toArray());
        await trail.deleteMany();
      });
      secrets.inMails(app.mailbox);
      expect(secrets.foundIn(text).map((secret) => around(text, secret))).to.deep.equal([]);
      return text;
    },
    async close() {
      stop();
      await app.close();
    },
  };
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return `${found}: ${text.slice(Math.max(0, at - 300), at + 100)}`;
}
