import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { PROTECTIONS } from '../../scripts/protections/index.js';
import { takeOut } from '../../scripts/protections/protection.js';
import { isHeld, readSecurityList } from '../../scripts/protections/security-list.js';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the protections that are taken out', () => {
  for (const { name, cuts } of PROTECTIONS) {
    it(`are in the source: ${name}`, async () => {
      expect(cuts).to.not.have.length(0);
      for (const cut of cuts) {
        const source = await read(`lib/${cut.file}`);
        expect(takeOut(source, cut)).to.not.equal(source);
      }
    });
  }

  it('have a name each', () => {
    const names = PROTECTIONS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('are found by specs that there are', () => {
    const files = new Set(PROTECTIONS.flatMap(({ specs = [] }) => specs));
    const missing = [...files].filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)));
    expect(missing).to.deep.equal([]);
  });

  it('are at least one of every P0 line of docs/security.md that holds', async () => {
    const lines = readSecurityList(await read('docs/security.md'));
    const taken = new Set(PROTECTIONS.flatMap(({ holds }) => holds));
    const missing = lines
      .filter((line) => line.priority === 'P0' && isHeld(line))
      .filter(({ numbers }) => !numbers.some((number) => taken.has(number)));
    expect(missing.flatMap(({ numbers }) => numbers)).to.deep.equal([]);
    expect(lines.filter(isHeld).length).to.be.greaterThan(50);
  });

  it('are of lines that hold', async () => {
    const held = readSecurityList(await read('docs/security.md')).filter(isHeld);
    const numbers = held.flatMap((line) => line.numbers);
    for (const { name, holds } of PROTECTIONS) expect(numbers, name).to.include.members([...holds]);
  });

  it('are not taken out of a text that has them twice, or not at all', () => {
    const cut = { file: 'a.ts', find: 'if (b)', replace: '' };
    expect(takeOut('if (b) c();', cut)).to.equal(' c();');
    expect(() => takeOut('d();', cut)).to.throw('a.ts: found 0 times, not once: if (b)');
    expect(() => takeOut('if (b) if (b) c();', cut)).to.throw('found 2 times');
  });
});
