import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type AppProcess, startApp } from '../support/app-process.js';
import { type LoneMongod, startLoneMongod } from '../support/lone-mongod.js';
import { skip } from '../support/mongod.js';
import { expectWhole, gather, runAll, summaryOf } from './crowd.js';
import { createPeople, OLD, type Pair } from './people.js';
import { READS } from './reads.js';
import { expectDoneOrUnavailable, timed } from './unavailable.js';

const CLIENTS = 4;
/** So many at once, while a server goes down, take a moment. */
const CROWD_IN_TIME = 10_000;

/** What a client was promised. */
interface Promises {
  registered: string[];
  loggedOut: Pair[];
}

/** MongoDB cannot go on without its journal: it stops itself. When there is room, it is started again. */
describe('a database whose disk is full', function () {
  this.timeout(90_000);
  let mongod: LoneMongod;
  let app: AppProcess;
  let folder: string | undefined;

  before(async function () {
    if (process.platform !== 'linux')
      skip(this, 'a limit for the files of a process that runs is a matter of Linux');
    folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
    const script = join(folder, 'mongod');
    // Else the system would kill it, rather than tell it that it cannot write.
    const wrap = (binary: string) => {
      writeFileSync(script, `#!/bin/sh\ntrap '' XFSZ\nexec '${binary}' "$@"\n`);
      chmodSync(script, 0o755);
      return script;
    };
    mongod = await startLoneMongod(this, wrap);
    app = await startApp({ mongodbUri: mongod.uri('full'), secretKey: randomBytes(32).toString('base64') });
  });
  after(async () => {
    await app?.stop();
    await mongod?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  const kept: Promises = { registered: [], loggedOut: [] };
  /** Registers, logs in and logs out. @returns whether all of it was acknowledged */
  async function comeAndGo(name: string): Promise<boolean> {
    const email = `${name}@example.com`;
    const ask = async (done: number, path: string, body: object) => {
      const each = await timed(() => app.post(path, body));
      expectDoneOrUnavailable(path, done, each, CROWD_IN_TIME);
      return each.answer.status === done ? each.answer : undefined;
    };
    if (!(await ask(201, '/auth/register', { email, password: OLD }))) return false;
    kept.registered.push(email);
    const login = await ask(200, '/auth/token', { username: email, password: OLD });
    if (!login || !(await ask(204, '/auth/logout', { refresh_token: login.body.refresh_token })))
      return false;
    kept.loggedOut.push(login.body);
    return true;
  }
  /** Again and again, until it is told 503. */
  async function client(name: string): Promise<void> {
    for (let index = 0; await comeAndGo(`${name}-${index}`); index += 1);
  }

  it('is told as 503; with room again, all that was acknowledged holds, and nothing is half done (holds 67, 71)', async () => {
    const people = createPeople(() => app);
    const reader = await people.forgetter();
    const crowd = await gather(app);
    const pid = mongod.pid;
    const clients = Array.from({ length: CLIENTS }, (_, index) => client(`client-${index}`));
    await comeAndGo('first');
    mongod.fillDisk();
    const results = await runAll(crowd, [app], CROWD_IN_TIME);
    await Promise.all(clients);
    console.log(`      ${summaryOf(results)}`);
    for (const { answer } of results) expect(answer.status).to.equal(503);
    for (const [row, { run, check }] of Object.entries(READS)) {
      const each = await timed(() => run(app, reader));
      expectDoneOrUnavailable(row, 200, each);
      if (each.answer.status === 200) check(each.answer.body, reader);
    }
    await mongod.kill();
    await mongod.restart();
    expect(mongod.pid).to.not.equal(pid);

    await expectWhole(crowd, results, app);
    const { registered, loggedOut } = kept;
    console.log(`      kept: ${registered.length} registrations, ${loggedOut.length} logouts`);
    expect(loggedOut).to.not.have.length(0);
    for (const email of registered) {
      const person = { email, own: reader.own, other: reader.other };
      expect(await people.canLogIn(person, OLD), email).to.equal(true);
    }
    for (const pair of loggedOut) {
      expect([await people.isAlive(pair), await people.canRefresh(pair)]).to.deep.equal([false, false]);
    }
    for (const { run, check } of Object.values(READS))
      check((await app.insist(() => run(app, reader))).body, reader);
  });
});
