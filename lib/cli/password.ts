import { CommandFailure, usage } from './failure.js';
import type { Terminal } from './terminal.js';

/**
 * Where a new password comes from. It is never an argument: those are shown to whoever lists processes, and kept by shells.
 *
 * @param options.passwordStdin from standard input, less one line break at its end; else a person is asked, twice
 * @returns reads it
 * @throws CommandFailure (exit 2) where nobody can be asked; later, where two answers differ
 */
export function passwordSource(
  terminal: Terminal,
  { passwordStdin = false }: { passwordStdin?: boolean },
): () => Promise<string> {
  if (passwordStdin) return async () => (await terminal.readInput()).replace(/\r?\n$/, '');
  if (!terminal.isInteractive) {
    throw usage('there is no terminal to ask for the password: give it by --password-stdin');
  }
  return async () => {
    const password = await terminal.ask('Password: ', { isSecret: true });
    const again = await terminal.ask('Once more: ', { isSecret: true });
    if (again !== password) throw new CommandFailure('the two passwords differ');
    return password;
  };
}
