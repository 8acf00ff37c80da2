import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { addUserCommand, onUser, type UserOptions } from '../user-command.js';

/** `user disable`: no session while it lasts. */
export function addDisable(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'disable <email>', 'end the sessions of a user, and let none begin').action(
    (email: string, options: UserOptions) =>
      onUser(terminal, options, email, async (found, { service }) => {
        await service.disableUser(found);
        return `${found.email} is disabled, all sessions have ended`;
      }),
  );
}
