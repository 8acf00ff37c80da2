import { inspect } from 'node:util';
import { expect } from 'chai';
import mongoose from 'mongoose';
import type { Route } from '../../../lib/http/route.js';
import { mailedCode } from '../../own-features/mailed-code.js';
import type { Command } from '../../support/commands.js';
import { interceptCommands } from '../../support/intercept-commands.js';
import { createTestApp, type TestApp } from '../../support/test-app.js';
import { createFlowSteps, type FlowSteps, twoStep } from '../flow-steps.js';
import { type Ask, grantedFlows } from '../granted-flows.js';
import { refusedByKind, refusedFlows } from '../refused-flows.js';
import { nameOf, tableOf } from '../route-rows.js';
import { createWatchedApp, type WatchedApp } from './watched-app.js';

/** With a feature of an app's own, whose codes go by mail. */
const own = () => [twoStep(), mailedCode()];
const rows = tableOf(own());

describe('logs, events and errors of a route', function () {
  // Each plays a lot.
  this.timeout(120_000);

  let watched: WatchedApp;
  let app: TestApp;
  let closed: TestApp;
  let steps: FlowSteps;
  let granted: Record<string, Ask[]>;
  let refused: Record<string, Ask[]>;

  /** Which request is to fail, after how many commands. */
  let failing: { row: Route; left: number; isAsked: boolean; hasFailed: boolean } | undefined;
  let heal: () => void;

  before(async () => {
    watched = await createWatchedApp({
      features: own(),
      emailVerification: 'optional',
      prepare: (each) =>
        each.use((req, res, next) => {
          const now = failing;
          if (now && req.method === now.row.method.toUpperCase() && isAt(req.path, now.row)) {
            now.isAsked = true;
            res.on('close', () => {
              now.isAsked = false;
            });
          }
          next();
        }),
    });
    heal = interceptCommands(async (command, send) => {
      if (!failing?.isAsked || failing.hasFailed) return send();
      if (failing.left > 0) {
        failing.left -= 1;
        return send();
      }
      failing.hasFailed = true;
      throw refusalOf(command);
    });
    app = watched.app;
    closed = await createTestApp({ registration: 'closed', throttle: false, logger: watched.output.logger });
    steps = createFlowSteps(app);
    granted = { ...grantedFlows(steps), 'POST /mailed-code': [askForCodes] };
    refused = refusedFlows(steps, closed);
  });
  after(async () => {
    heal();
    await watched.close();
    await closed.close();
  });

  /** A code is mailed, typed wrong, and right. */
  const askForCodes: Ask = async (path) => {
    const { email, password, access_token } = await app.signUp();
    const enrolled = await app.http.post(`/auth${path}`).set('authorization', `Bearer ${access_token}`);
    const { body } = await steps.post('/token', { username: email, password }).expect(403);
    await app.auth.service.settled();
    watched.secrets.inMails(app.mailbox);
    const code = app.mailbox.messages.findLast(({ to }) => to === email)?.text;
    const answer = { challenge: body.challenge, method: 'mailed_code' };
    await steps.post('/challenge', { ...answer, code: 'zqxj-code' }).expect(401);
    await steps.post('/challenge', { ...answer, code }).expect(200);
    return enrolled;
  };

  it('are watched for every row of the table', () => {
    expect(Object.keys(granted)).to.have.members(rows.map(nameOf));
  });

  for (const row of rows) {
    it(`show no secret when ${nameOf(row)} grants what is asked (hold 63)`, async () => {
      await watched.expectNothingSeen(async () => {
        for (const ask of granted[nameOf(row)] ?? []) {
          const { status, text } = await ask(row.path);
          expect(status, text).to.equal(row.success);
        }
      });
    });

    it(`show no secret when ${nameOf(row)} refuses (hold 63)`, async () => {
      await watched.expectNothingSeen(async () => {
        for (const ask of refused[nameOf(row)] ?? []) {
          const { status, text } = await ask(row.path);
          expect(status, text).to.be.within(400, 499);
        }
        await refusedByKind(steps, row);
      });
    });

    it(`show no secret when the database fails ${nameOf(row)} at any command (hold 63)`, async () => {
      const ask = granted[nameOf(row)]?.[0] as Ask;
      await watched.expectNothingSeen(async () => {
        const reached = await failEachCommand(row, () => ask(row.path));
        if (row.path !== '/.well-known/jwks.json') expect(reached).to.be.at.least(1);
      });
    });
  }

  /**
   * Lets the first command of a row's request fail, then the second, and so on.
   *
   * @returns how many there are
   */
  async function failEachCommand(row: Route, play: () => Promise<unknown>): Promise<number> {
    for (let nth = 0; ; nth += 1) {
      failing = { row, left: nth, isAsked: false, hasFailed: false };
      await play().catch(() => {});
      const { hasFailed } = failing;
      failing = undefined;
      if (!hasFailed) return nth;
    }
  }
});

function isAt(path: string, row: Route): boolean {
  return new RegExp(`^/auth${row.path.replace(':id', '\\w+')}$`).test(path);
}

/** By an error that quotes what it is about, as a server's does. */
function refusalOf({ body }: Command): Error {
  const errInfo = { failingDocumentId: 1, details: { consideredValue: inspect(body, { depth: null }) } };
  return new mongoose.mongo.MongoServerError({ message: 'Document failed validation', code: 121, errInfo });
}
