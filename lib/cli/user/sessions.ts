import type { Command } from 'commander';
import type { ListedSession } from '../../config/session-info.js';
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
        if (json) return terminal.print(JSON.stringify(sessions.map(viewOf)));
        for (const session of sessions) terminal.print(lineOf(session));
        if (sessions.length === 0) terminal.warn(`${found.email} is signed in nowhere`);
      }),
  );
}

/** By the names that `GET /sessions` gives them; none is the current one here. */
function viewOf({ id, device, ip, ...each }: ListedSession): object {
  return {
    id,
    device,
    ip,
    user_agent: each.userAgent,
    created_at: each.createdAt,
    last_used_at: each.lastUsedAt,
    expires_at: each.expiresAt,
  };
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
