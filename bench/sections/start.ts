import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installedVersion } from '../packages.js';
import type { Section } from '../section.js';
import { median } from '../statistics.js';
import { megabytes, ms } from '../table.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const ROUNDS = 5;

interface Stack {
  what: string;
  packages: readonly string[];
  /** What an app imports. */
  imports: readonly string[];
  /** Makes `handler` of `modules`, the imports in their order. */
  code: string;
}

const BASE = ['express', 'mongoose', 'passport'];
const STACKS: readonly Stack[] = [
  {
    what: 'express + mongoose + passport',
    packages: BASE,
    imports: BASE,
    code: 'const handler = modules[0].default();',
  },
  {
    what: 'the same with express-auth-kit',
    packages: [...BASE, 'express-auth-kit'],
    imports: [...BASE, 'express-auth-kit'],
    code: `const handler = modules[0].default().use('/auth', modules[3].createAuthRouter({ secretKey: SECRET, logger: { warn() {} } }));`,
  },
  {
    what: 'express + mongodb + better-auth',
    packages: ['express', 'mongodb', 'better-auth'],
    imports: ['express', 'mongodb', 'better-auth', 'better-auth/adapters/mongodb', 'better-auth/node'],
    code: `const database = modules[3].mongodbAdapter(new modules[1].MongoClient('mongodb://127.0.0.1:1').db('bench'));
const auth = modules[2].betterAuth({ secret: SECRET, baseURL: 'http://127.0.0.1', database, emailAndPassword: { enabled: true }, logger: { disabled: true } });
await auth.$context;
const handler = modules[0].default().all('/api/auth/*splat', modules[4].toNodeHandler(auth));`,
  },
];

/** What is reported by one that was started. */
interface Started {
  importMs: number;
  rss: number;
  heapUsed: number;
}

export const start: Section = {
  name: 'start',
  title: 'Start and install',
  budget: 50,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-bench-'));
    try {
      const tarball = await pack(folder);
      const installed = [];
      for (const [index, stack] of STACKS.entries()) {
        const place = join(folder, String(index));
        installed.push({ stack, place, ...(await install(stack, place, tarball)), started: [] as Started[] });
      }
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const { place, started } of installed) started.push(await startOnce(place));
      }
      const rows = installed.map(({ stack, started, bytes, count }) => {
        const of = (figure: keyof Started) => median(started.map((each) => each[figure]));
        return [
          stack.what,
          ms(of('importMs')),
          megabytes(of('rss')),
          megabytes(of('heapUsed')),
          megabytes(bytes),
          String(count),
        ];
      });
      const imported = median(installed[1]?.started.map(({ importMs }) => importMs) ?? []);
      const columns = ['what', 'import', 'rss', 'heap used', 'installed', 'packages'];
      const table = { title: `Medians of ${ROUNDS} starts, in turn`, columns, rows, notes: NOTES };
      return { tables: [table], figures: { 'import in ms': imported } };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const NOTES = [
  [
    'Each installed by npm from nothing, without the optional packages; the kit as it is packed. Import: of all of them, in a new',
    'process whose files the system has read before. Memory: when the app listens, after the garbage was collected. Installed: the sum of',
    'the files. bcrypt brings its binaries for every system along.',
  ].join('\n'),
];

async function pack(folder: string): Promise<string> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: root });
  const packed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>;
  return join(folder, Object.values(packed)[0]?.filename as string);
}

async function install(
  { packages, imports, code }: Stack,
  place: string,
  tarball: string,
): Promise<{ bytes: number; count: number }> {
  const specs = packages.map((name) =>
    name === 'express-auth-kit' ? tarball : `${name}@${installedVersion(name)}`,
  );
  const flags = ['--omit=optional', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', '--prefix', place, ...flags, ...specs]);
  await writeFile(join(place, 'start.mjs'), program(imports, code));
  const { packages: locked } = JSON.parse(
    await readFile(join(place, 'node_modules/.package-lock.json'), 'utf8'),
  );
  return { bytes: await sizeOf(join(place, 'node_modules')), count: Object.keys(locked).length };
}

function program(imports: readonly string[], code: string): string {
  const all = imports.map((name) => `await import('${name}')`).join(', ');
  return `const begun = performance.now();
const modules = [${all}];
const importMs = performance.now() - begun;
const SECRET = process.getBuiltinModule('node:crypto').randomBytes(32).toString('base64');
${code}
const server = handler.listen(0, '127.0.0.1', () => {
  gc();
  gc();
  const { rss, heapUsed } = process.memoryUsage();
  console.log(JSON.stringify({ importMs, rss, heapUsed }));
  process.exit();
});
`;
}

async function startOnce(place: string): Promise<Started> {
  const env = { ...process.env, NODE_ENV: 'production' };
  const { stdout } = await run('node', ['--expose-gc', 'start.mjs'], { cwd: place, env });
  return JSON.parse(stdout);
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
