import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { addUserCommand, onUser, type UserOptions } from '../user-command.js';
import { linesOf, viewOf } from '../user-view.js';

/** `user show`: what is stored of a user, without credentials. */
export function addShow(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'show <email>', 'show a user, without what is secret').action(
    (email: string, options: UserOptions) =>
      onUser(terminal, options, email, async (found) => linesOf(viewOf(found)).join('\n')),
  );
}
