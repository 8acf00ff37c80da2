import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createHashForms } from '../../lib/cli/hash-forms.js';
import { type ReadLine, readImportFile } from '../../lib/cli/import-file.js';
import { failureOf } from '../support/failure.js';

describe('readImportFile', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-import-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function read(path: string): Promise<ReadLine[]> {
    const lines: ReadLine[] = [];
    for await (const line of readImportFile(path, createHashForms())) lines.push(line);
    return lines;
  }
  async function readText(text: string): Promise<ReadLine[]> {
    const path = join(folder, 'users.jsonl');
    await writeFile(path, text);
    return read(path);
  }

  it('counts every line, and passes by those that are empty', async () => {
    const lines = await readText('\ufeff{"email":"a@example.com"}\r\n\r\n{"email":"b@example.com"}\n \n');
    expect(lines.map(({ line, email }) => [line, email])).to.deep.equal([
      [1, 'a@example.com'],
      [3, 'b@example.com'],
    ]);
    expect(await readText('')).to.deep.equal([]);
  });

  it('goes on after a line that is no good', async () => {
    const [first, second] = await readText('nonsense\n{"email":"b@example.com"}');
    expect(first).to.deep.equal({ line: 1, email: null, fault: 'this is no JSON' });
    expect(second?.user?.account.email).to.equal('b@example.com');
  });

  it('tells addresses that differ by case alone from those that are the same', async () => {
    const emails = ['ada@example.com', 'Ada@Example.com', 'ada@example.com'];
    const lines = await readText(emails.map((email) => JSON.stringify({ email })).join('\n'));
    expect(lines.map(({ fault }) => fault)).to.deep.equal([
      undefined,
      'differs from ada@example.com in line 1 by case alone',
      'line 1 has this address already',
    ]);
  });

  it('says that a file cannot be read', async () => {
    const failure = await failureOf(() => read(join(folder, 'missing')));
    expect(failure.message).to.match(/missing cannot be read: ENOENT$/);
    expect((await failureOf(() => read(folder))).message).to.match(/cannot be read: EISDIR$/);
  });
});
