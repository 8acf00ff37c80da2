import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { addUserCommand, onUser, type UserOptions } from '../user-command.js';

/** `user revoke`: ends all sessions. */
export function addRevoke(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'revoke <email>', 'end all sessions of a user').action(
    (email: string, options: UserOptions) =>
      onUser(terminal, options, email, async (found, { service }) => {
        await service.revokeSessions(found);
        return `all sessions of ${found.email} have ended`;
      }),
  );
}
