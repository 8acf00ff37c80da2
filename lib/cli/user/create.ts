import type { Command } from 'commander';
import { withAccounts } from '../accounts.js';
import { CommandFailure, usage } from '../failure.js';
import { DISCRIMINATOR, kindOfNewUsers } from '../new-user-fields.js';
import { passwordSource } from '../password.js';
import type { Terminal } from '../terminal.js';
import { addUserCommand, requireUser, type UserOptions } from '../user-command.js';
import { viewOf } from '../user-view.js';

interface CreateOptions extends UserOptions {
  name?: string;
  role?: string[];
  verified?: boolean;
  /** False by `--no-password`. */
  password: boolean;
  passwordStdin?: boolean;
  discriminator?: string;
}

/** `user create`: a user with a password, or one who is mailed a link to set the first. */
export function addCreate(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'create <email>', 'store a new user')
    .option('--name <name>', 'the name of the user')
    .option('--role <role>', 'a role; may be given several times', addRole)
    .option('--verified', 'the address counts as verified')
    .option('--password-stdin', 'read the password from standard input; else it is asked for')
    .option('--no-password', 'no password; a link to set one is mailed')
    .option(...DISCRIMINATOR)
    .action(async (email: string, options: CreateOptions) => {
      if (!options.password && options.passwordStdin)
        throw usage('--no-password and --password-stdin exclude each other');
      const readPassword = options.password ? passwordSource(terminal, options) : undefined;
      await withAccounts(terminal, options, async (accounts) => {
        const { service, users, missingMail } = accounts;
        const { fields, needsId, warning } = await kindOfNewUsers(users, options.discriminator);
        if (needsId) throw new CommandFailure(needsId);
        const account = {
          email,
          name: options.name,
          roles: options.role,
          emailVerified: options.verified,
          ...fields,
        };
        // A slip in the address is told before a password is typed.
        await accounts.check(account);
        const password = await readPassword?.();
        await accounts.prepare();
        const stored = await service.createUser({ ...account, ...(password !== undefined && { password }) });
        if (password === undefined) {
          if (missingMail.length === 0) await service.forgotPassword(stored.email);
          else
            terminal.warn(
              `${stored.email} is mailed no link to set a password: set ${missingMail.join(' and ')}`,
            );
        }
        if (warning) terminal.warn(warning);
        const made = await requireUser(accounts, stored.email);
        terminal.print(options.json ? JSON.stringify(viewOf(made)) : `${made.email} is stored`);
      });
    });
}

function addRole(role: string, before: string[] = []): string[] {
  return [...before, role];
}
