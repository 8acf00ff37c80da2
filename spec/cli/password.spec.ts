import { expect } from 'chai';
import { passwordSource } from '../../lib/cli/password.js';
import { createTestTerminal } from '../support/cli.js';

describe('passwordSource', () => {
  for (const [input, password] of [
    ['correct horse\n', 'correct horse'],
    ['correct horse\r\n', 'correct horse'],
    [' correct horse \n\n', ' correct horse \n'],
    ['correct horse', 'correct horse'],
    ['', ''],
  ] as const) {
    it(`takes ${JSON.stringify(input)} from standard input, less one line break at its end`, async () => {
      const { terminal } = createTestTerminal({ input });
      expect(await passwordSource(terminal, { passwordStdin: true })()).to.equal(password);
    });
  }

  it('asks a person twice', async () => {
    const { terminal, stderr } = createTestTerminal({ answers: ['correct horse', 'correct horse'] });
    expect(await passwordSource(terminal, {})()).to.equal('correct horse');
    expect(stderr).to.deep.equal(['Password: ', 'Once more: ']);
  });

  it('refuses two that differ', async () => {
    const { terminal } = createTestTerminal({ answers: ['correct horse', 'correct house'] });
    const refused = await passwordSource(terminal, {})().catch((error: Error) => error);
    expect(refused).to.include({ message: 'the two passwords differ', exitCode: 1 });
  });

  it('says at once that there is nobody to ask', () => {
    const { terminal } = createTestTerminal();
    expect(() => passwordSource(terminal, {}))
      .to.throw('--password-stdin')
      .that.includes({ exitCode: 2 });
  });
});
