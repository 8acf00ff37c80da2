import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { createTestApp, type TestApp } from '../../support/test-app.js';

describe('user show', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it("shows the app's own fields and nothing secret", async () => {
    const { email, id } = await app.register({ name: 'Ada', phone: '123' });
    const run = (...more: string[]) => runCli(['user', 'show', email, ...more], { uri: app.uri });
    const shown = (await run('--json')).json();
    expect(shown).to.deep.include({ id, email, name: 'Ada', phone: '123', disabledAt: null, roles: [] });
    expect(JSON.stringify(shown)).to.not.match(/password|stamp|\$2b\$|_id|__v/i);
    const { code, stdout } = await run();
    expect(code).to.equal(0);
    expect(stdout.split('\n')).to.include.members([
      `id: ${id}`,
      `email: ${email}`,
      'name: Ada',
      'phone: 123',
    ]);
    expect(stdout).to.not.match(/password|stamp|\$2b\$/i);
  });
});
