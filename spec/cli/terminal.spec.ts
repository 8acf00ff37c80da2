import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { createTerminal } from '../../lib/cli/terminal.js';

function createStreams(isTTY = true) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const terminal = createTerminal({ env: {}, stdin: Object.assign(stdin, { isTTY }), stdout, stderr });
  const written = (stream: PassThrough) => String(stream.read() ?? '');
  return { terminal, stdin, stdout, stderr, written };
}

describe('createTerminal', () => {
  it('prints results and words a line each, on streams of their own', () => {
    const { terminal, stdout, stderr, written } = createStreams();
    terminal.print('result');
    terminal.warn('word');
    expect([written(stdout), written(stderr)]).to.deep.equal(['result\n', 'word\n']);
  });

  it('is interactive where standard input is a terminal', () => {
    expect(createStreams().terminal.isInteractive).to.equal(true);
    expect(createStreams(false).terminal.isInteractive).to.equal(false);
  });

  it('reads all of standard input, characters that come in two pieces too', async () => {
    const { terminal, stdin } = createStreams(false);
    const bytes = Buffer.from('pässwörd\n');
    stdin.write(bytes.subarray(0, 2));
    stdin.end(bytes.subarray(2));
    expect(await terminal.readInput()).to.equal('pässwörd\n');
  });

  it('asks on standard error, and shows what is typed unless it is a secret', async () => {
    const { terminal, stdin, stdout, stderr, written } = createStreams();
    const name = terminal.ask('Name: ');
    stdin.write('ada\r');
    expect(await name).to.equal('ada');
    expect(written(stderr)).to.include('Name: ').and.include('ada');

    const secret = terminal.ask('Password: ', { isSecret: true });
    stdin.write('correct hx\u007forse\r');
    expect(await secret).to.equal('correct horse');
    expect(written(stderr)).to.equal('Password: \n');
    expect(written(stdout)).to.equal('');
  });

  for (const [key, typed] of [
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ]) {
    it(`takes ${key} for no answer`, async () => {
      const { terminal, stdin } = createStreams();
      const answer = terminal.ask('Password: ', { isSecret: true }).catch((error: Error) => error.message);
      stdin.write(typed);
      expect(await answer).to.equal('no answer was given');
    });
  }

  it('survives a reader that has gone', async () => {
    const { terminal, stdout } = createStreams();
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await new Promise((resolve) => stdout.once('close', resolve));
    terminal.print('result');
  });
});
