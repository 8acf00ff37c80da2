import type { Command } from 'commander';
import { passwordSource } from '../password.js';
import type { Terminal } from '../terminal.js';
import { addUserCommand, onUser, type UserOptions } from '../user-command.js';

interface SetPasswordOptions extends UserOptions {
  passwordStdin?: boolean;
}

/** `user set-password`: ends all sessions, too. */
export function addSetPassword(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'set-password <email>', 'set the password of a user, and end all sessions')
    .option('--password-stdin', 'read the password from standard input; else it is asked for')
    .action(async (email: string, options: SetPasswordOptions) => {
      const readPassword = passwordSource(terminal, options);
      await onUser(terminal, options, email, async (found, { service, users, hasMail }) => {
        await service.setPassword(found, await readPassword());
        await users.dropForeignHash(found._id);
        await users.forgetGuesses(found._id, { of: 'password' });
        if (!hasMail) terminal.warn(`${found.email} is not told: no mail is configured`);
        return `${found.email} has a new password, all sessions have ended`;
      });
    });
}
