import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { createTestApp, type TestApp } from '../../support/test-app.js';

describe('user set-roles', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it('replaces the roles; none given, it clears them', async () => {
    const { email } = await app.register({ phone: '1' });
    const run = (...args: string[]) => runCli(['user', 'set-roles', email, ...args], { uri: app.uri });
    const given = await run('admin', 'editor', 'admin');
    expect(given.stdout).to.equal(`${email} has the roles admin, editor`);
    expect(await app.auth.service.findUser({ email })).to.deep.include({
      roles: ['admin', 'editor'],
      phone: '1',
    });
    expect((await run('editor', '--json')).json().roles).to.deep.equal(['editor']);
    expect((await run()).stdout).to.equal(`${email} has no roles`);
    expect((await app.auth.service.findUser({ email }))?.roles).to.deep.equal([]);
  });
});
