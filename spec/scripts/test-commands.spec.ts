import { readFile } from 'node:fs/promises';
import { expect } from 'chai';

/** The commands that run specs, by their names in `package.json`. */
async function mochaCommands(): Promise<[name: string, command: string][]> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
  return Object.entries(scripts).filter(([, command]) => command.startsWith('mocha'));
}

describe('the commands that run the specs', () => {
  it('name them by patterns with an asterisk, or one by one: braces alone find nothing, and mocha only warns', async () => {
    const commands = await mochaCommands();
    expect(commands).to.not.have.length(0);
    for (const [name, command] of commands) {
      const run = command.replace(/--ignore "[^"]*"/g, '');
      const patterns = [...run.matchAll(/"([^"]+)"/g)].map(([, pattern]) => pattern as string);
      for (const pattern of patterns) expect(pattern, name).to.include('*');
    }
  });

  it('leave none out: what one command ignores another one runs', async () => {
    const commands = new Map(await mochaCommands());
    const ignored = [...(commands.get('specs') ?? '').matchAll(/--ignore "?([^" ]+)"?/g)].map(
      ([, name]) => name,
    );
    const runs = [...commands.values()].filter((command) => !command.includes('--ignore')).join(' ');
    const groups = ignored.flatMap((name) =>
      [...(name as string).matchAll(/[\w-]+(?=[,}]|\.spec)/g)].map(([each]) => each),
    );
    expect(groups).to.include.members(['faults', 'example-app', 'scripts', 'any-input', 'races', 'package']);
    for (const group of groups) expect(runs).to.match(new RegExp(`\\b${group}\\b`));
    const ci = await readFile(new URL('../../.ci/run', import.meta.url), 'utf8');
    for (const [name] of commands) {
      if (name !== 'specs') expect(ci, name).to.include(`npm run ${name}`);
    }
  });
});
