import type { Command } from 'commander';
import type { ListedSession } from '../../config/session-info.js';
import { showSession } from '../../features/sessions.js';
import { withAccounts } from '../accounts.js';
import { oneLine } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { addUserCommand, requireUser, type UserOptions } from '../user-command.js';

/** `user sessions`: where a user is signed in, the newest login first. */
export function addSessions(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'sessions <email>', 'list where a user is signed in, the newest login first').action(
    (email: string, { collection, json }: UserOptions) =>
      withAccounts(terminal, { collection }, async (accounts) => {
        const found = await requireUser(accounts, email);
        const sessions = await accounts.service.listSessions(found);
        if (json) return terminal.print(JSON.stringify(sessions.map(showSession)));
        for (const session of sessions) terminal.print(lineOf(session));
        if (sessions.length === 0) terminal.warn(`${found.email} is signed in nowhere`);
      }),
  );
}

function lineOf({ id, device, ip, createdAt, lastUsedAt, expiresAt }: ListedSession): string {
  const words = [
    id,
    device ?? 'unknown device',
    ip ?? 'unknown address',
    `created ${createdAt.toISOString()}`,
    `last used ${lastUsedAt.toISOString()}`,
    `expires ${expiresAt.toISOString()}`,
  ];
  return oneLine(words.join('  '));
}
