import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

/** Runs a file as a process of its own, where nothing has made a router yet. @returns what it sends */
async function answersOf(file: string, ...args: string[]): Promise<Record<string, unknown>> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--conditions=express-auth-kit-source', '--import', 'tsx'],
  });
  const [answers] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  child.kill();
  return answers;
}

const SEVERAL = (name: string) =>
  `${name}: there are several auth routers with different users, keys or audiences; use router.${name} instead`;
const handled = (message: string) => ({ status: 500, body: { handled: message } });
const MISSING = {
  type: 'about:blank',
  title: 'Unauthorized',
  status: 401,
  detail: 'Not authenticated',
  code: 'missing_token',
};

describe('the exported requireUser and optionalUser', () => {
  let answers: Record<string, unknown>;
  let withTwoKeys: Record<string, unknown>;
  let withTwoAudiences: Record<string, unknown>;

  before(async () => {
    [answers, withTwoKeys, withTwoAudiences] = await Promise.all([
      answersOf('default-guards-main.ts'),
      answersOf('default-guards-several-main.ts', 'keys'),
      answersOf('default-guards-several-main.ts', 'audiences'),
    ] as const);
  });

  it('say that there is no router yet', () => {
    const message = (name: string) =>
      handled(`${name}: no auth router yet; call createAuthRouter() before the first request`);
    expect(answers['none']).to.deep.equal([message('requireUser'), message('optionalUser')]);
  });

  it('guard by a router that was made after they were mounted', () => {
    const user = { user: 'jean@example.com' };
    expect(answers['one']).to.deep.equal([
      { status: 200, body: user },
      { status: 200, body: user },
    ]);
    expect(answers['one, anonymous']).to.deep.equal([
      { status: 401, body: MISSING },
      { status: 200, body: { user: null } },
    ]);
  });

  it('take several routers with the same users and keys for one', () => {
    expect(answers['two of the same users and keys']).to.deep.equal(answers['one']);
  });

  it('name router.requireUser when routers have different users', () => {
    expect(answers['two of different users']).to.deep.equal([
      handled(SEVERAL('requireUser')),
      handled(SEVERAL('optionalUser')),
    ]);
    expect(answers['a router of its own']).to.deep.equal([200, 401]);
  });

  it('name router.requireUser when routers have different keys', () => {
    expect(withTwoKeys).to.deep.equal(handled(SEVERAL('requireUser')));
  });

  it('name router.requireUser when routers have different audiences: that of the newest is not that of the others', () => {
    expect(withTwoAudiences).to.deep.equal(handled(SEVERAL('requireUser')));
  });
});
