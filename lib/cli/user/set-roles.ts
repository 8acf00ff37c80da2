import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { addUserCommand, onUser, type UserOptions } from '../user-command.js';

/** `user set-roles`: these, in place of those that there are. */
export function addSetRoles(user: Command, terminal: Terminal): void {
  addUserCommand(
    user,
    'set-roles <email> [role...]',
    'replace the roles of a user; none given: no roles',
  ).action((email: string, given: string[], options: UserOptions) =>
    onUser(terminal, options, email, async (found, { service }) => {
      const roles = [...new Set(given)];
      await service.setRoles(found, roles);
      return `${found.email} has ${roles.length > 0 ? `the roles ${roles.join(', ')}` : 'no roles'}`;
    }),
  );
}
