import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { NOTE } from '../user-command.js';
import { addCreate } from './create.js';
import { addDelete } from './delete.js';
import { addDisable } from './disable.js';
import { addEnable } from './enable.js';
import { addImport } from './import.js';
import { addList } from './list.js';
import { addRevoke } from './revoke.js';
import { addSessions } from './sessions.js';
import { addSetPassword } from './set-password.js';
import { addSetRoles } from './set-roles.js';
import { addShow } from './show.js';

/** In the order of the help. A new command is one file, and one line here. */
const COMMANDS = [
  addCreate,
  addShow,
  addList,
  addDisable,
  addEnable,
  addSetPassword,
  addSetRoles,
  addSessions,
  addRevoke,
  addDelete,
  addImport,
];

/** `user`: what an operator does to accounts. */
export function addUser(program: Command, terminal: Terminal): void {
  const user = program
    .command('user')
    .description('work on the accounts of an app')
    .addHelpText('after', `\n${NOTE}`);
  for (const add of COMMANDS) add(user, terminal);
}
