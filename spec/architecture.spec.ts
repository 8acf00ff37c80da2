import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('..', import.meta.url));
const lib = join(root, 'lib');

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

/** Arrows run from a row to itself within one folder, and to the rows below it. */
const LAYERS: readonly (readonly string[])[] = [
  ['index', 'client', 'feature', 'testing', 'verifiers', 'cli'],
  ['create-auth-router'],
  ['create-kit', 'create-service'],
  ['service-input'],
  ['service'],
  ['features'],
  ['kit'],
  ['http'],
  ['accounts'],
  ['sign-in'],
  ['core'],
  ['mail'],
  ['models'],
  ['security'],
  ['config'],
  ['runtime'],
  ['errors'],
];

/** Files of types, tables and re-exports: nothing to run, nothing to specify. */
const WITHOUT_BEHAVIOUR = [
  'accounts/circumstances.ts',
  'client/index.ts',
  'client/inputs.ts',
  'client/session.ts',
  'config/answers.ts',
  'config/base-user-fields.ts',
  'config/hooks.ts',
  'config/letters-and-words.ts',
  'config/limits.ts',
  'config/mail.ts',
  'config/options.ts',
  'config/session-info.ts',
  'config/throttle.ts',
  'config/password.ts',
  'core/core.ts',
  'core/method.ts',
  'core/token-reader.ts',
  'feature.ts',
  'features/index.ts',
  'features/throttle/numbers.ts',
  'features/token/grant.ts',
  'http/express-types.ts',
  'http/shapes.ts',
  'index.ts',
  'kit.ts',
  'mail/mail-kind.ts',
  'mail/styles.ts',
  'models/proofs.ts',
  'models/app-user.ts',
  'models/base-user-types.ts',
  'models/user.ts',
  'security/passport-strategy.ts',
  'service.ts',
  'testing/index.ts',
  'verifiers.ts',
];

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'));
const sources = new Map(files.map((file) => [file, withoutComments(readFileSync(join(lib, file), 'utf8'))]));
const imports = [...sources].flatMap(([file, source]) => importsOf(file, source));

describe('the architecture', () => {
  it('gives every file of lib a layer', () => {
    expect(files.filter((file) => layerOf(file) < 0)).to.deep.equal([]);
  });

  it('lets arrows run downward only', () => {
    const wrong = internal(imports).filter(({ from, to }) => {
      const [above, below] = [layerOf(from), layerOf(to)];
      return below < above || (below === above && unitOf(from) !== unitOf(to));
    });
    expect(wrong.map(arrow)).to.deep.equal([]);
  });

  it('has no circle of files', () => {
    const arrows = new Map(files.map((file) => [file, [] as string[]]));
    for (const { from, to } of internal(imports)) arrows.get(from)?.push(to);
    // What points to nothing that is left is in no circle.
    const isInner = (file: string) => arrows.get(file)?.some((to) => arrows.has(to));
    for (let before = -1; before !== arrows.size; ) {
      before = arrows.size;
      for (const file of [...arrows.keys()]) if (!isInner(file)) arrows.delete(file);
    }
    expect([...arrows.keys()]).to.deep.equal([]);
  });

  it('keeps features apart', () => {
    const feature = (file: string) => file.split('/')[1]?.replace(/\.ts$/, '');
    const wrong = internal(imports).filter(
      ({ from, to }) =>
        unitOf(from) === 'features' &&
        unitOf(to) === 'features' &&
        from !== 'features/index.ts' &&
        feature(from) !== feature(to),
    );
    expect(wrong.map(arrow)).to.deep.equal([]);
  });

  it('leaves the client alone: nothing of it comes from elsewhere when it runs', () => {
    const wrong = imports.filter(
      ({ from, to, typeOnly }) => unitOf(from) === 'client' && unitOf(to) !== 'client' && !typeOnly,
    );
    expect(wrong.map(arrow)).to.deep.equal([]);
    expect(
      imports.filter(({ from, to }) => unitOf(from) !== 'client' && unitOf(to) === 'client'),
    ).to.deep.equal([]);
  });

  it('has types in the client that bring neither Express nor Mongoose into a page', () => {
    const reached = new Set(files.filter((file) => unitOf(file) === 'client'));
    for (const file of reached) {
      for (const { to } of imports.filter(({ from }) => from === file)) {
        if (to.endsWith('.ts')) reached.add(to);
        // What errors.ts takes of Node is not in its types.
        else expect(arrow({ from: file, to, typeOnly: true })).to.equal('errors.ts -> node:http');
      }
    }
  });

  const owners: [module: RegExp, folders: string[]][] = [
    [/^express$/, ['http']],
    [/^(express-validator|cookie)$/, ['http']],
    [/^mongoose$/, ['models']],
    [/^(bcrypt|jsonwebtoken|passport-jwt|@node-rs\/argon2)$/, ['security']],
    [/^passport-local$/, ['features']],
    [/^bowser$/, ['accounts']],
    [/^passport$/, ['http']],
    [/^nodemailer$/, ['mail']],
    [/^validator$/, ['security']],
    [/^commander$/, ['cli']],
  ];
  for (const [module, folders] of owners) {
    it(`lets only ${folders.join(' and ')} use ${module.source}`, () => {
      const wrong = imports.filter(
        ({ from, to, typeOnly }) => module.test(to) && !typeOnly && !folders.includes(unitOf(from)),
      );
      expect(wrong.map(arrow)).to.deep.equal([]);
    });
  }

  it('leaves the verification of tokens to passport-jwt', () => {
    const wrong = [...sources].filter(
      ([, source]) => /\bverify\b/.test(source) && /from 'jsonwebtoken'/.test(source),
    );
    expect(wrong.map(([file]) => file)).to.deep.equal([]);
    expect(filesWith(/from 'passport-jwt'/)).to.deep.equal(['security/jwt-strategy.ts']);
  });

  it('reads the environment in config alone', () => {
    expect(filesWith(/process\.env/).filter((file) => unitOf(file) !== 'config')).to.deep.equal([]);
  });

  it('reads the time from the injected clock alone', () => {
    // The client runs in a page, which has no other.
    const allowed = ['runtime/clock.ts', 'testing/clock.ts', 'client/bearer-session.ts'];
    expect(filesWith(/Date\.now\(|new Date\(\)/).filter((file) => !allowed.includes(file))).to.deep.equal([]);
  });

  it('has no top-level await, so that require() works', () => {
    expect(filesWith(/^(?:export )?(?:const \w+ = )?await /m)).to.deep.equal([]);
  });

  it('has a spec for every file with behaviour', () => {
    const missing = files
      .filter((file) => !WITHOUT_BEHAVIOUR.includes(file))
      .filter((file) => !existsSync(join(root, 'spec', file.replace(/\.ts$/, '.spec.ts'))));
    expect(missing).to.deep.equal([]);
    expect(WITHOUT_BEHAVIOUR.filter((file) => !files.includes(file))).to.deep.equal([]);
  });

  it('names files in kebab-case and has no utils', () => {
    expect(files.filter((file) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/.test(file))).to.deep.equal([]);
    expect(files.filter((file) => /util|helper|misc|common\.ts/.test(file))).to.deep.equal([]);
  });
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function importsOf(file: string, source: string): Import[] {
  const found = source.matchAll(
    /(?:^|\n)\s*(import|export)\s+(type\s+)?([^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
  );
  return [...found].map(([, , type, names = '', path, dynamic]) => {
    const to = (path ?? dynamic) as string;
    const target = to.startsWith('.')
      ? relative(lib, resolve(lib, dirname(file), to))
          .replaceAll('\\', '/')
          .replace(/\.js$/, '.ts')
      : to;
    return { from: file, to: target, typeOnly: Boolean(type) || onlyTypes(names) };
  });
}

/** `{ type A, type B } from` brings nothing at run time either. */
function onlyTypes(names: string): boolean {
  const braces = /^\{([^}]*)\}\s+from\s+$/.exec(`${names.trim()} `);
  const members =
    braces?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? [];
  return members.length > 0 && members.every((name) => name.startsWith('type '));
}

function internal(all: readonly Import[]): Import[] {
  return all.filter(({ to }) => to.endsWith('.ts'));
}

/** The folder a file belongs to, or the file itself at the top. */
function unitOf(file: string): string {
  return file.split('/')[0]?.replace(/\.ts$/, '') as string;
}

function layerOf(file: string): number {
  return LAYERS.findIndex((units) => units.includes(unitOf(file)));
}

function arrow({ from, to }: Import): string {
  return `${from} -> ${to}`;
}

function filesWith(pattern: RegExp): string[] {
  return [...sources].filter(([, source]) => pattern.test(source)).map(([file]) => file);
}
