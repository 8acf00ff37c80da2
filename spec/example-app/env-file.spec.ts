import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadEnvFile } from '../../example-app/env-file.js';

describe('the reading of .env', () => {
  let folder: string;
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'example-app-spec-'));
    file = join(folder, '.env');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const load = async (content: string | Buffer, env: NodeJS.ProcessEnv = {}) => {
    await writeFile(file, content);
    loadEnvFile(file, env);
    return env;
  };

  it('takes plain, quoted and empty values, and whatever line ends the editor made', async () => {
    const lines = [
      '\uFEFF# mine',
      '',
      'A=1',
      'export B = two words # why',
      'C="# no comment"',
      "D='it''",
      'E=',
    ];
    for (const end of ['\n', '\r\n']) {
      expect(await load(lines.slice(0, 5).concat('E=').join(end))).to.deep.equal({
        A: '1',
        B: 'two words',
        C: '# no comment',
        E: '',
      });
    }
  });

  it('takes a value of several lines in quotes', async () => {
    expect(await load('A="one\ntwo: 2\n"\nB=3\n')).to.deep.equal({ A: 'one\ntwo: 2\n', B: '3' });
  });

  it('leaves what is set already, also to nothing', async () => {
    expect(await load('A=1\nB=2\nC=3', { A: 'mine', B: '' })).to.deep.equal({ A: 'mine', B: '', C: '3' });
  });

  it('does without the file', () => {
    const env = {};
    loadEnvFile(join(folder, 'none'), env);
    expect(env).to.deep.equal({});
  });

  it('names the line that would be skipped, and does not quote it', async () => {
    for (const [content, line] of [
      ['A=1\nSECRET: hunter2', 2],
      ['SECRET', 1],
      ['A="1\n2"\n\nSECRET hunter2', 4],
      ['A=1\nSECRET="hunter2\nB=2', 2],
    ] as const) {
      const thrown = await load(content).catch((error) => error);
      expect(thrown).to.have.property('name', 'StartError');
      expect(thrown.message).to.equal(
        `${file}: line ${line} is not understood; allowed: NAME=value, # a comment`,
      );
    }
  });

  it('refuses a folder', () => {
    expect(() => loadEnvFile(folder, {})).to.throw(`${folder}: cannot be read (EISDIR)`);
  });

  it('refuses what is no text in UTF-8', async () => {
    const thrown = await load(Buffer.from('\uFEFFA=1', 'utf16le')).catch((error) => error);
    expect(thrown.message).to.equal(`${file}: not a text file in UTF-8`);
  });
});
