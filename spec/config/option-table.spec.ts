import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Row } from '../../lib/config/option-row.js';
import { OPTIONS } from '../../lib/config/option-table.js';
import { ENV_VARIABLES } from '../../lib/config/options-from-env.js';
import { resolveOptions } from '../../lib/config/resolve-options.js';
import { features } from '../../lib/features/index.js';

/** An option, or a member of one, by its path: `issuer`, `mail.transport`. */
interface Leaf {
  path: string;
  row: Row;
}

const rows: readonly [name: string, row: Row][] = Object.entries(OPTIONS);
const leaves = rows.flatMap(([name, row]) => leavesOf(name, row));
const settings = resolveOptions({ secretKey: randomBytes(32).toString('base64') }, {});

function leavesOf(path: string, row: Row): Leaf[] {
  if (!row.members) return [{ path, row }];
  return Object.entries(row.members).flatMap(([name, member]) => leavesOf(`${path}.${name}`, member));
}

/** What the features mail: `links` and `templates` have a member for each. */
function mailsOf(kind: 'links' | 'templates'): string[] {
  const mails = features(settings).flatMap(({ mails = {} }) => Object.entries(mails));
  return mails.filter(([, { link }]) => kind === 'templates' || link).map(([name]) => name);
}

function read(file: string): Promise<string> {
  return readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** What stands between backticks. */
function quoted(text: string, pattern = /`([^`]+)`/g): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name as string);
}

describe('the option table', () => {
  it('has one home for every option: a setting of its name', () => {
    expect(Object.keys(settings)).to.deep.equal(Object.keys(OPTIONS));
  });

  it('has one option for every variable', () => {
    const variables = leaves.flatMap(({ row }) => row.env?.name ?? []);
    expect(new Set(variables).size).to.equal(variables.length);
    expect(variables).to.deep.equal([...ENV_VARIABLES]);
  });

  it('has an option read whole, or member by member, and never both', () => {
    expect(rows.filter(([, row]) => row.members && row.env).map(([name]) => name)).to.deep.equal([]);
  });

  it('takes its own defaults for good: what they resolve to can be given', () => {
    for (const { path, row } of leaves.filter(({ path }) => path !== 'secretKey')) {
      const fallback = row.check(path, undefined, {});
      expect(row.check(path, fallback, {}), path).to.deep.equal(fallback);
    }
  });

  it('makes new lists and objects of its defaults: nobody’s change is another’s', () => {
    const another = resolveOptions({ secretKey: settings.secretKey }, {});
    for (const name of [
      'registerFields',
      'profileFields',
      'links',
      'templates',
      'password',
      'hooks',
    ] as const) {
      expect(another[name], name).to.deep.equal(settings[name]);
      expect(another[name], name).to.not.equal(settings[name]);
    }
  });

  describe('beside the types that say what each option means', () => {
    /** The members of `AuthOptions` in its source, each with the comment above it. */
    let described: Map<string, string>;
    before(async () => {
      const source = await read('lib/config/options.ts');
      const [, body] = /export interface AuthOptions<[^{]*\{\n([\s\S]*?)\n\}/.exec(source) as RegExpExecArray;
      const members = (body as string).matchAll(/(?: {2}\/\*\*([\s\S]*?)\*\/\n)? {2}(\w+)\?: /g);
      described = new Map([...members].map(([, comment = '', name]) => [name as string, comment]));
    });

    it('has the same options, in the same order', () => {
      expect([...described.keys()]).to.deep.equal(Object.keys(OPTIONS));
    });

    it('has the variables that the types name, and no others', () => {
      for (const [name, row] of rows) {
        const variables = leavesOf(name, row).flatMap((leaf) => leaf.row.env?.name ?? []);
        expect(quoted(described.get(name) as string, /`([A-Z]+_[A-Z_]+)`/g), name).to.have.members(variables);
      }
    });
  });

  describe('in docs/options.md', () => {
    let text: string;
    /** The rows of the documented table, an option each, in the order of the page. */
    let documented: { path: string; variable: string | undefined; rest: string }[];
    before(async () => {
      text = await read('docs/options.md');
      const [, table] = /\| option \| variable \| default \|\n\|[-|]+\|\n((?:\|.*\|\n)+)/.exec(
        text,
      ) as RegExpExecArray;
      documented = (table as string)
        .trim()
        .split('\n')
        .flatMap((line) => {
          const [, names, variables, rest] = /^\| (.*?) \|(.*?)\| (.*) \|$/.exec(line) as RegExpExecArray;
          const known = quoted(variables as string);
          return quoted(names as string).map((path, index) => ({
            path,
            variable: known[index],
            rest: rest as string,
          }));
        });
    });

    it('is every option once, with its variable, and none that there is not', () => {
      const expected = leaves.flatMap(({ path, row }) =>
        path === 'links' || path === 'templates'
          ? mailsOf(path).map((mail) => [`${path}.${mail}`, undefined])
          : [[path, row.env?.name]],
      );
      const found = documented.map(({ path, variable }) => [path, variable]);
      expect(found.sort(byPath)).to.deep.equal(expected.sort(byPath));
    });

    it('is every variable, reserved ones included, and none that there is not', () => {
      const named = quoted(text, /`((?:AUTH|SMTP|MAIL)_[A-Z_]+)`/g);
      expect([...new Set(named)]).to.have.members([...ENV_VARIABLES]);
    });

    it('is the default of every option that is a number, a switch or a word', () => {
      for (const { path, row } of leaves.filter(({ path }) => path !== 'secretKey')) {
        const fallback = row.check(path, undefined, {});
        if (!['number', 'boolean', 'string'].includes(typeof fallback)) continue;
        const { rest } = documented.find((each) => each.path === path) ?? { rest: '' };
        expect(rest.replaceAll('`', ''), path).to.match(new RegExp(`^${fallback}\\b`));
      }
    });
  });

  describe('in .env.example', () => {
    it('is the default of every option that it shows one for', async () => {
      const text = await read('.env.example');
      // The sender is the example app's: the kit has none.
      const shown = leaves.filter(({ row }) => row.env && row.env.name !== 'MAIL_FROM');
      let compared = 0;
      for (const { path, row } of shown) {
        const { name, read: parse } = row.env as NonNullable<Row['env']>;
        const [, value] = new RegExp(`^#?${name}=(.*)$`, 'm').exec(text) ?? [];
        if (!value) continue;
        compared += 1;
        expect(row.check(path, parse(name, value, {}), {}), name).to.deep.equal(
          row.check(path, undefined, {}),
        );
      }
      expect(compared).to.be.greaterThan(5);
    });
  });
});

function byPath([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a).localeCompare(String(b));
}
