import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { closeServer } from '../../example-app/shutdown.js';
import { bareEnvironment, START_COMMAND } from './app-process.js';

const SHUTDOWN = pathToFileURL(resolve(import.meta.dirname, '../../example-app/shutdown.ts')).href;

describe('the shutdown of the example app', function () {
  // Processes are started here: on a busy machine that takes its time.
  this.timeout(60_000);

  it('cuts off a request that does not finish', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: app\r\n\r\n');
    await once(server, 'request');
    const cut = once(socket, 'close');
    try {
      const outcome = await Promise.race([
        closeServer(server, 100),
        wait(5000, 'still open', { ref: false }),
      ]);
      expect(outcome).to.equal(undefined);
      await cut;
    } finally {
      socket.destroy();
    }
  });

  it('does not wait for ever for what does not stop', async () => {
    const { code, output } = await run('stopWhenTold(() => new Promise(() => {}), 100)', 'SIGINT');
    expect(output).to.equal('Not stopped within 0.1 s\n');
    expect(code).to.equal(1);
  });

  it('stops once, however often it is told to', async () => {
    const stop = `async () => {
      console.log('stop');
      process.kill(process.pid, 'SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }`;
    expect(await run(`stopWhenTold(${stop}, 5000)`, 'SIGTERM')).to.deep.equal({ code: 0, output: 'stop\n' });
  });

  it('comes when npm is told to end, whose shell tells nobody', async function () {
    if (process.platform === 'win32') this.skip();
    const { output } = await run("stopWhenTold(async () => console.log('stop'), 5000)", 'SIGTERM', true);
    expect(output).to.equal('stop\n');
  });
});

/** Runs a script until it says that it is ready, and then sends a signal; without effect, it ends after 10 s by itself. */
async function run(script: string, signal: NodeJS.Signals, underNpm = false) {
  const [node = '', conditions = '', ...rest] = START_COMMAND.slice(0, -1);
  const source = `import { stopWhenTold } from '${SHUTDOWN}'; ${script}; console.log('ready'); setTimeout(() => process.exit(3), 10_000)`;
  const command = [node, conditions, ...rest, '--input-type=module', '--eval', source];
  // What follows the command keeps the shell from becoming the command itself, as some shells do.
  const asNpmDoes = ['sh', '-c', '"$@"; :', 'sh', ...command];
  const [program = '', ...args] = underNpm ? asNpmDoes : command;
  const env = { ...bareEnvironment(), ...(underNpm && { npm_lifecycle_event: 'start' }) };
  const child = spawn(program, args, { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (text.includes('ready\n')) child.kill(signal);
    });
  }
  // Not before the last process that holds the output has ended.
  const [code] = await once(child, 'close');
  return { code, output: output.replace('ready\n', '') };
}
