import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { createTestApp, type TestApp } from '../../support/test-app.js';

describe('user enable', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it('lets a disabled user sign in again', async () => {
    const user = await app.register();
    await app.auth.service.disableUser(user.id);
    const { code, stdout } = await runCli(['user', 'enable', user.email], { uri: app.uri });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `${user.email} may sign in` });
    await app.login(user);
    expect(
      (await runCli(['user', 'enable', user.email, '--json'], { uri: app.uri })).json().disabledAt,
    ).to.equal(null);
  });
});
