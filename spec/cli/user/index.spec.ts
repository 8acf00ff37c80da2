import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { runCli } from '../../support/cli.js';

describe('user', () => {
  it('has a command for every file', async () => {
    const files = readdirSync(new URL('../../../lib/cli/user', import.meta.url));
    const commands = files.map((file) => file.replace('.ts', '')).filter((name) => name !== 'index');
    const { stdout } = await runCli(['user', '--help']);
    for (const command of commands) expect(stdout).to.match(new RegExp(`^ {2}${command} `, 'm'));
  });
});
