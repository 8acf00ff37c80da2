import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { AUTH_ERROR_CODES, FAULT_CODES, optionsFromEnv } from 'express-auth-kit';
import { codeBlocks } from './support/code-blocks.js';
import { createTestDatabase } from './support/database.js';
import { openPage } from './support/page.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a file of `lib/` exports, by its text: its own names, and those it passes on. */
async function exportsOf(file: string): Promise<string[]> {
  const code = await readFile(join(root, file), 'utf8');
  const own = code.matchAll(/^export (?:async |abstract )?(?:class|const|function|interface|type) (\w+)/gm);
  const lists = code.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  const passedOn = [...lists].flatMap(([, list]) => (list as string).split(','));
  // `type A`, `a as b`: the last word is the name.
  const names = passedOn.map((each) => each.trim().split(/\s+/).at(-1) as string).filter(Boolean);
  const whole = [...code.matchAll(/^export \* from '(.+)\.js'/gm)];
  const files = whole.map(([, target]) => `${join(dirname(file), target as string)}.ts`);
  return [...own]
    .map(([, name]) => name as string)
    .concat(names, ...(await Promise.all(files.map(exportsOf))));
}

/** The headings of a Markdown text, as links name them. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** The keys that a text has as literals, of code, of a shell and of an env file; a command is none, as is an empty one. */
function keysIn(text: string): string[] {
  const inCode = text.matchAll(/secretKeys?['"]?\s*[:=]\s*\[?\s*(['"`])(.+?)\1/gi);
  const inShell = text.matchAll(/SECRET_KEYS?=(?!\$\()(['"]?)([^\s'"`]+)\1/g);
  return [...inCode, ...inShell].map(([, , key]) => key as string);
}

describe('the documentation', function () {
  // It compiles every example, which takes its time on a busy machine.
  this.timeout(180_000);
  // Inside the project, so that its packages are found, and the kit by its own name.
  const folder = join(root, '.tmp', `docs-${randomUUID()}`);
  const documents = new Map<string, string>();

  before(async () => {
    await mkdir(folder, { recursive: true });
    for (const name of [
      'README.md',
      'SECURITY.md',
      ...(await readdir(join(root, 'docs'))).map((file) => `docs/${file}`),
    ]) {
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

  /** Runs an example as it stands, but for its port, on a database of its own. */
  async function runExample(
    name: string,
    code: string,
    visit: (url: string) => Promise<void>,
  ): Promise<void> {
    const database = await createTestDatabase();
    const listening = code.replace(
      'app.listen(3000)',
      'app.listen(0, function () { console.log(this.address().port); })',
    );
    await writeFile(join(folder, name), `// @ts-nocheck\n${listening}`);
    const env = { ...process.env, AUTH_SECRET_KEY: randomUUID() + randomUUID(), MONGODB_URI: database.uri };
    const child = spawn(
      'node',
      ['--conditions=express-auth-kit-source', '--import', 'tsx', join(folder, name)],
      { cwd: root, env },
    );
    try {
      const [port] = await Promise.race([
        once(child.stdout, 'data'),
        once(child, 'exit').then(() =>
          Promise.reject(new Error(`${name} has ended: ${child.stderr.read()}`)),
        ),
      ]);
      await visit(`http://127.0.0.1:${String(port).trim()}`);
    } finally {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await database.drop();
    }
  }

  it("runs README's first example", async () => {
    const [example] = codeBlocks(documents.get('README.md') as string);
    await runExample('readme.ts', example as string, async (url) => {
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
    });
  });

  it('runs the server-rendered app, which has thirty lines at most, by its own forms', async () => {
    const [example] = codeBlocks(documents.get('docs/browsers.md') as string);
    expect((example as string).trimEnd().split('\n').length).to.be.at.most(30);
    await runExample('browsers.ts', example as string, async (url) => {
      const page = openPage(url);
      await page.goTo('/register');
      await page.submit({ email: "o'ada@example.com", password: 'correct horse' });
      expect(page.path()).to.equal('/login');

      await page.goTo('/account?tab=2');
      expect(page.path()).to.equal('/login?return_to=%2Faccount%3Ftab%3D2');
      await page.submit({ username: "o'ada@example.com", password: 'wrong horse' });
      expect(page.path()).to.equal('/login?return_to=%2Faccount%3Ftab%3D2&error=invalid_credentials');
      expect(page.html()).to.include('<p role="alert">Refused: invalid_credentials</p>');
      await page.submit({ username: "o'ada@example.com", password: 'correct horse' });
      expect(page.path()).to.equal('/account?tab=2');
      expect(page.html()).to.include('<p>o&#39;ada@example.com</p>');

      await page.submit({}, { origin: 'https://evil.example' });
      expect(page.html()).to.include('"forbidden_origin"');
      await page.goTo('/account');
      expect(page.path()).to.equal('/account');
      await page.submit({});
      expect(page.path()).to.equal('/login');
      await page.goTo('/account');
      expect(page.path()).to.equal('/login?return_to=%2Faccount');

      // What comes with the address is anybody's text.
      for (const name of ['error', 'return_to']) {
        await page.goTo(`/login?${name}=${encodeURIComponent('"><b>')}`);
        expect(page.html()).to.include('&#34;&#62;&#60;b&#62;').and.not.include('<b>');
      }
    });
  });

  it('links to documents and headings that are there', () => {
    for (const [name, text] of documents) {
      const base = name.startsWith('docs/') ? 'docs/' : '';
      for (const [, target, heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
        const document = target ? base + target : name;
        expect([...documents.keys()], `${name} links to ${target}`).to.include(document);
        const anchors = headingsOf(documents.get(document) as string);
        if (heading) expect(anchors, `${name} links to ${document}`).to.include(heading);
      }
    }
  });

  it('shows no key that a start would take, nor does the example (hold 87)', async () => {
    expect(
      keysIn("secretKey: 'a b'\nexport AUTH_SECRET_KEY=c\nSECRET_KEY=$(d)\nSECRET_KEY="),
    ).to.have.members(['a b', 'c']);
    const texts = new Map(documents);
    for (const file of await readdir(join(root, 'example-app'), { recursive: true })) {
      if (file.endsWith('.ts')) texts.set(file, await readFile(join(root, 'example-app', file), 'utf8'));
    }
    texts.set('.env.example', await readFile(join(root, '.env.example'), 'utf8'));
    for (const [name, text] of texts) {
      for (const AUTH_SECRET_KEY of keysIn(text)) {
        expect(() => optionsFromEnv({ AUTH_SECRET_KEY }), `${name} has a key`).to.throw(TypeError);
      }
    }
  });

  it('names specs that are there', async () => {
    const specs = await readdir(join(root, 'spec'), { recursive: true });
    for (const [name, text] of documents) {
      for (const [, spec] of text.matchAll(/`([\w./-]+\.spec\.ts)`/g)) {
        expect(specs, `${name} names ${spec}`).to.include(spec);
      }
    }
  });

  for (const [entry, file] of [
    ['express-auth-kit', 'lib/index.ts'],
    ['express-auth-kit/client', 'lib/client/index.ts'],
    ['express-auth-kit/feature', 'lib/feature.ts'],
    ['express-auth-kit/verifiers', 'lib/verifiers.ts'],
    ['express-auth-kit/testing', 'lib/testing/index.ts'],
  ] as const) {
    it(`lists what ${entry} exports, and nothing else`, async () => {
      const [, section] = (documents.get('docs/api.md') as string).split(`## \`${entry}\`\n`);
      const rows = (section as string).replace(/\n## [\s\S]*/, '').matchAll(/^\| `(\w+)` \| .+ \| .*\|$/gm);
      expect([...rows].map(([, name]) => name)).to.have.members(await exportsOf(file));
    });
  }

  it('lists every code of an error and of a field, and every event', async () => {
    for (const code of [...AUTH_ERROR_CODES, ...FAULT_CODES]) {
      expect(documents.get('docs/http.md')).to.include(`\`${code}\``);
    }
    const events = await readFile(join(root, 'lib/core/events.ts'), 'utf8');
    for (const [, event] of events.matchAll(/^ {2}'([\w.]+)':/gm)) {
      expect(documents.get('docs/users.md')).to.include(`| \`${event}\` |`);
    }
  });
});
