import type { Command } from 'commander';
import { withAccounts } from '../accounts.js';
import { CommandFailure, usage } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { addUserCommand, requireUser, type UserOptions } from '../user-command.js';

interface DeleteOptions extends UserOptions {
  yes?: boolean;
}

/** `user delete`: asks first. */
export function addDelete(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'delete <email>', 'delete a user, with sessions and links')
    .option('--yes', 'do not ask')
    .action(async (email: string, { yes, json, collection }: DeleteOptions) => {
      if (!yes && !terminal.isInteractive) throw usage('there is no terminal to ask: give --yes');
      await withAccounts(terminal, { collection }, async (accounts) => {
        const found = await requireUser(accounts, email);
        const question = `Delete ${found.email}? This cannot be undone. [y/N] `;
        if (!yes && !/^y(es)?$/i.test((await terminal.ask(question)).trim())) {
          throw new CommandFailure(`${found.email} was not deleted`);
        }
        await accounts.service.deleteUser(found);
        // The app may keep a trail, whatever the environment says here.
        await accounts.users.forgetOrigins(found._id);
        await accounts.users.forgetGuesses(found._id);
        const [id, deleted] = [String(found._id), found.email];
        terminal.print(
          json ? JSON.stringify({ id, email: deleted, deleted: true }) : `${deleted} is deleted`,
        );
      });
    });
}
