import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  isHeld,
  numbersIn,
  readSecurityList,
  type SecurityLine,
} from '../scripts/protections/security-list.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** The numbers that titles name: "(hold 42)", "(holds 40, 42)", "(holds 35-41)". What comments say does not count. */
function numbersNamed(code: string): number[] {
  const withoutComments = code.replace(/^\s*(\/\/|\/?\*).*$/gm, '');
  const lists = withoutComments.matchAll(/\bholds? (\d+(?:-\d+)?(?:, (?:hold )?\d+(?:-\d+)?)*)/g);
  return [...lists].flatMap(([, list]) =>
    (list as string).replaceAll('hold ', '').split(', ').flatMap(numbersIn),
  );
}

describe('the list of what must hold', () => {
  const specs = new Map<string, number[]>();
  let rows: SecurityLine[];

  before(async () => {
    for (const file of await readdir(folder, { recursive: true })) {
      if (file.endsWith('.ts')) specs.set(file, numbersNamed(await readFile(join(folder, file), 'utf8')));
    }
    rows = readSecurityList(await readFile(join(folder, '../docs/security.md'), 'utf8'));
  });

  it('has each number once, from 1 on', () => {
    const numbers = rows.flatMap((row) => row.numbers);
    expect(numbers).to.deep.equal(numbers.map((_, index) => index + 1));
    expect(numbers.length).to.be.greaterThan(100);
  });

  it('has every number that the title of a spec names, as one that holds', () => {
    for (const [file, numbers] of specs) {
      for (const number of numbers) {
        const row = rows.find((each) => each.numbers.includes(number));
        expect(row?.state, `${file} names hold ${number}`)
          .to.be.a('string')
          .that.does.not.match(/^not yet/);
      }
    }
  });

  it('says of every other number that it does not hold yet, or where it is proved', () => {
    for (const row of rows) {
      const { numbers, state, files } = row;
      const isProved = files.length > 0 && isHeld(row);
      expect(isProved || /^not yet: ./.test(state), `${numbers}: ${state}`).to.equal(true);
    }
  });

  it('names files that are there, and whose titles name the number', () => {
    for (const { numbers, files } of rows) {
      for (const { file, under } of files) {
        expect(specs.get(file), `${file}, named by ${numbers}`).to.include.oneOf(under);
      }
    }
  });
});
