import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Env } from '../config/option-row.js';
import { CommandFailure } from './failure.js';

/** Where a command reads and writes. */
export interface Terminal {
  env: Env;
  /** Whether there is a person to ask. */
  isInteractive: boolean;
  /** A result: a line on standard output. */
  print(line: string): void;
  /** Anything else that a person should know: a line on standard error. */
  warn(line: string): void;
  /** All that comes by standard input. */
  readInput(): Promise<string>;
  /**
   * Asks a person. The question goes to standard error.
   *
   * @param options.isSecret nothing of the answer is shown
   * @throws CommandFailure when the answer is refused (Ctrl-C, Ctrl-D)
   */
  ask(question: string, options?: { isSecret?: boolean }): Promise<string>;
}

/** The streams and the variables of a process. */
export interface TerminalParts {
  env: Env;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

export function createTerminal({ env, stdin, stdout, stderr }: TerminalParts): Terminal {
  // Who reads may go before all is written: `| head`.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  return {
    env,
    isInteractive: stdin.isTTY === true,
    print: (line) => void stdout.write(`${line}\n`),
    warn: (line) => void stderr.write(`${line}\n`),
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
    async ask(question, { isSecret = false } = {}) {
      // What is typed is echoed by readline alone.
      const output = isSecret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr;
      if (isSecret) stderr.write(question);
      const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
      try {
        return await new Promise<string>((resolve, reject) => {
          lines.once('close', () => reject(new CommandFailure('no answer was given')));
          lines.once('SIGINT', () => lines.close());
          lines.question(isSecret ? '' : question).then(resolve, reject);
        });
      } finally {
        lines.close();
        if (isSecret) stderr.write('\n');
      }
    },
  };
}
