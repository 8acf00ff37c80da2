import { Command } from 'commander';
import { type ExitCode, oneLine, tellFailure } from './failure.js';
import { addSecret } from './secret.js';
import type { Terminal } from './terminal.js';
import { addUser } from './user/index.js';

/**
 * Carries out one command.
 *
 * @param args what follows the name of the program
 * @returns 0; 1 when it was refused or the database was not reached, with the reason on standard error; 2 when it was not
 * understood, or `MONGODB_URI` is missing
 *
 * @example
 * process.exitCode = await run(['user', 'show', 'ada@example.com'], createTerminal(process));
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const { message, exitCode } = tellFailure(error);
    if (message !== undefined) terminal.warn(`error: ${message}`);
    return exitCode;
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('express-auth-kit')
    .description('Keys and accounts of an app that uses express-auth-kit.')
    .addHelpText('after', '\nIt needs no AUTH_SECRET_KEY, and runs no hooks of the app.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.warn(text.trimEnd()),
      outputError: (text, write) => write(oneLine(withoutValues(text))),
    });
  addSecret(program, terminal);
  addUser(program, terminal);
  return program;
}

/** `--password=...` is not understood, and not repeated: a log may keep what is written here. */
function withoutValues(message: string): string {
  return message.replace(/(unknown option '[^'=]*)=.*'/s, "$1'");
}
