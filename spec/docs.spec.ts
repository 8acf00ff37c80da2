import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { codeBlocks } from './support/code-blocks.js';
import { createTestDatabase } from './support/database.js';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('the documentation', function () {
  this.timeout(60_000);
  // Inside the project, so that its packages are found, and the kit by its own name.
  const folder = join(root, '.tmp', `docs-${randomUUID()}`);
  const documents = new Map<string, string>();

  before(async () => {
    await mkdir(folder, { recursive: true });
    for (const name of ['README.md', ...(await readdir(join(root, 'docs'))).map((file) => `docs/${file}`)]) {
      if (name.endsWith('.md')) documents.set(name, await readFile(join(root, name), 'utf8'));
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('shows code that type-checks', async () => {
    const files = [...documents].flatMap(([name, text]) =>
      codeBlocks(text).map((code, index) => ({ file: `${name.replace(/\W/g, '-')}-${index}.ts`, code })),
    );
    expect(files.length).to.be.greaterThan(8);
    await Promise.all(files.map(({ file, code }) => writeFile(join(folder, file), code)));
    const tsconfig = {
      extends: '../../tsconfig.json',
      compilerOptions: {
        noUnusedLocals: false,
        // The docs name the package that downloads a mongod; the specs have the one that does not.
        paths: { 'mongodb-memory-server': ['../../node_modules/mongodb-memory-server-core/lib/index.d.ts'] },
      },
      include: ['*.ts'],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    const errors = await promisify(execFile)('npx', ['tsc', '-p', folder], { cwd: root })
      .then(() => '')
      .catch((error: { stdout: string }) => error.stdout);
    expect(errors).to.equal('');
  });

  it("runs README's first example", async () => {
    const database = await createTestDatabase();
    const [example] = codeBlocks(documents.get('README.md') as string);
    const code = (example as string).replace(
      'app.listen(3000)',
      'app.listen(0, function () { console.log(this.address().port); })',
    );
    await writeFile(join(folder, 'readme.ts'), `// @ts-nocheck\n${code}`);
    const env = { ...process.env, AUTH_SECRET_KEY: randomUUID() + randomUUID(), MONGODB_URI: database.uri };
    const child = spawn('node', ['--conditions=source', '--import', 'tsx', join(folder, 'readme.ts')], {
      cwd: root,
      env,
    });
    try {
      const [port] = await once(child.stdout, 'data');
      const url = `http://127.0.0.1:${String(port).trim()}`;
      const post = async (path: string, body: object) => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
        return response.json() as Promise<Record<string, string>>;
      };
      const [email, password] = ['ada@example.com', 'correct horse'];
      expect(await post('/auth/register', { email, password, phone: '1' })).to.include({ email, phone: '1' });
      const { access_token } = await post('/auth/token', { username: email, password });
      const get = (path: string) =>
        fetch(url + path, { headers: { authorization: `Bearer ${access_token}` } });
      expect(await (await get('/protected')).json()).to.deep.equal({ user: email });
      expect(await (await get('/typed')).json()).to.deep.equal({ phone: '1' });
      expect((await fetch(`${url}/protected`)).status).to.equal(401);
    } finally {
      child.kill();
      await once(child, 'exit');
      await database.drop();
    }
  });

  it('links to documents that are there', () => {
    for (const [name, text] of documents) {
      const base = name.startsWith('docs/') ? 'docs/' : '';
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
        expect([...documents.keys()], `${name} links to ${target}`).to.include(base + target);
      }
    }
  });

  it('lists every code of an error, and every event', async () => {
    const errors = await readFile(join(root, 'lib/errors.ts'), 'utf8');
    for (const [, code] of errors.matchAll(/code: '(\w+)'/g)) {
      expect(documents.get('docs/http.md')).to.include(`\`${code}\``);
    }
    const events = await readFile(join(root, 'lib/events.ts'), 'utf8');
    for (const [, event] of events.matchAll(/^ {2}'([\w.]+)':/gm)) {
      expect(documents.get('docs/users.md')).to.include(`| \`${event}\` |`);
    }
  });
});
