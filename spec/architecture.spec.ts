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
  ['index', 'testing'],
  ['create-auth-router'],
  ['create-kit', 'service'],
  ['features'],
  ['accounts'],
  ['sign-in'],
  ['kit'],
  ['http'],
  ['models', 'mail', 'events', 'background', 'safe-logger'],
  ['security', 'deadline'],
  ['config'],
  ['errors'],
];

/** Files of types, tables and re-exports: nothing to run, nothing to specify. */
const WITHOUT_BEHAVIOUR = [
  'config/limits.ts',
  'config/options.ts',
  'features/index.ts',
  'features/token/grant.ts',
  'http/express-types.ts',
  'http/route.ts',
  'index.ts',
  'kit.ts',
  'testing/index.ts',
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

  const owners: [module: RegExp, folders: string[]][] = [
    [/^express$/, ['features', 'http']],
    [/^express-validator$/, ['features', 'http']],
    [/^mongoose$/, ['models']],
    [/^(bcrypt|jsonwebtoken|passport-jwt)$/, ['security']],
    [/^passport-local$/, ['features']],
    [/^passport$/, ['http']],
    [/^nodemailer$/, ['mail']],
    [/^validator$/, ['models']],
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
    const allowed = ['config/resolve-options.ts', 'testing/clock.ts'];
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
