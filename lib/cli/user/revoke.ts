import type { Command } from 'commander';
import { NotFound } from '../../errors.js';
import { CommandFailure } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { addUserCommand, onUser, type UserOptions } from '../user-command.js';

interface RevokeOptions extends UserOptions {
  session?: string;
}

/** `user revoke`: ends all sessions, or one. */
export function addRevoke(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'revoke <email>', 'end all sessions of a user, or one')
    .option('--session <id>', 'end this one alone: an id that `user sessions` lists')
    .action((email: string, { session, ...options }: RevokeOptions) =>
      onUser(terminal, options, email, async (found, { service }) => {
        if (session === undefined) {
          await service.revokeSessions(found);
          return `all sessions of ${found.email} have ended`;
        }
        await service.endSession(found, session).catch((error) => {
          if (!(error instanceof NotFound)) throw error;
          throw new CommandFailure(`${found.email} has no live session ${session}`);
        });
        return `the session ${session} of ${found.email} has ended`;
      }),
    );
}
