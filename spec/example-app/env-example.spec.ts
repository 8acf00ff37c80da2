import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { expect } from 'chai';
import { APP_VARIABLES, readConfig } from '../../example-app/config.js';
import { ENV_VARIABLES } from '../../lib/config/options-from-env.js';
import { ENV_EXAMPLE } from './app-process.js';

// That the app starts with a copy of it is seen in paths.spec.ts.
describe('.env.example', () => {
  let text: string;

  before(async () => {
    text = await readFile(ENV_EXAMPLE, 'utf8');
  });

  it('lists every variable of the kit and of the app, and no other', () => {
    const names = [...text.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names.sort()).to.deep.equal([...ENV_VARIABLES, ...APP_VARIABLES].sort());
  });

  it('explains each in one line', () => {
    const lines = text.split('\n');
    lines.forEach((line, index) => {
      if (/^#?[A-Z_]+=/.test(line)) expect(lines[index - 1], line).to.match(/^# \w/);
    });
  });

  it('sets nothing, and the defaults it shows are taken when they are', () => {
    expect(parseEnv(text)).to.deep.equal({ AUTH_SECRET_KEY: '' });
    const shown = parseEnv(text.replace(/^#(?=[A-Z_]+=)/gm, ''));
    const { auth, ...config } = readConfig(shown);
    expect(config).to.deep.include({ port: 3000, host: '127.0.0.1', trustProxy: false, production: false });
    expect(auth).to.deep.include({ algorithm: 'HS256', password: { minLength: 8, bcryptCost: 12 } });
  });
});
