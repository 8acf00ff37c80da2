import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { addUserCommand, onUser, type UserOptions } from '../user-command.js';

/** `user enable`: lets a disabled user sign in again. */
export function addEnable(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'enable <email>', 'let a disabled user sign in again').action(
    (email: string, options: UserOptions) =>
      onUser(terminal, options, email, async (found, { service }) => {
        await service.enableUser(found);
        return `${found.email} may sign in`;
      }),
  );
}
