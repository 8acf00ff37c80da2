import type { Command } from 'commander';
import type { UserDocument } from '../models/user.js';
import { type Accounts, withAccounts } from './accounts.js';
import { CommandFailure } from './failure.js';
import type { Terminal } from './terminal.js';
import { viewOf } from './user-view.js';

/** What every command on users takes. */
export interface UserOptions {
  collection: string;
  json?: boolean;
}

/** What holds for every command on users, in its help. */
export const NOTE = [
  'Works on the database of MONGODB_URI. It needs no AUTH_SECRET_KEY, and runs no hooks of the app.',
  'Mails go out by SMTP_URL, MAIL_FROM and AUTH_APP_URL, where they are set.',
].join('\n');

/** Begins a command on users: its options and its help. `words` are its name and what follows it. */
export function addUserCommand(user: Command, words: string, description: string): Command {
  return user
    .command(words)
    .description(description)
    .option('--collection <name>', "the users' collection", 'users')
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${NOTE}`);
}

/**
 * Does something to the user of an address.
 *
 * @param act what is done; gives the line that says so
 * @throws CommandFailure where there is no such user, and as `withAccounts`
 */
export function onUser(
  terminal: Terminal,
  { collection, json }: UserOptions,
  email: string,
  act: (user: UserDocument, accounts: Accounts) => Promise<string>,
): Promise<void> {
  return withAccounts(terminal, { collection }, async (accounts) => {
    const user = await requireUser(accounts, email);
    const said = await act(user, accounts);
    terminal.print(json ? JSON.stringify(viewOf(await requireUser(accounts, user.email))) : said);
  });
}

export async function requireUser({ service }: Accounts, email: string): Promise<UserDocument> {
  const user = await service.findUser({ email });
  if (!user) throw new CommandFailure(`no user has the address ${email}`);
  return user;
}
