import { type Command, InvalidArgumentError } from 'commander';
import { withAccounts } from '../accounts.js';
import { oneLine } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { addUserCommand, type UserOptions } from '../user-command.js';
import { type UserView, viewOf } from '../user-view.js';

const MAX_LIMIT = 1000;

interface ListOptions extends UserOptions {
  limit: number;
  after?: string;
  email?: string;
}

/** `user list`: a page of users, by address. */
export function addList(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'list', 'list users, by address')
    .option('--limit <number>', `how many at most, up to ${MAX_LIMIT}`, readLimit, 50)
    .option('--after <email>', 'those after this address: where the page before ended')
    .option('--email <prefix>', 'those whose address begins so')
    .action(({ collection, json, limit, after, email }: ListOptions) =>
      withAccounts(terminal, { collection }, async ({ users }) => {
        // One more tells whether there is another page.
        const found = await users.list({ limit: limit + 1, after, prefix: email });
        const page = found.slice(0, limit).map(viewOf);
        const next = found.length > limit ? page.at(-1)?.['email'] : undefined;
        if (json) return terminal.print(JSON.stringify({ users: page, next: next ?? null }));
        for (const view of page) terminal.print(lineOf(view));
        if (next) terminal.warn(`there are more: --after ${next}`);
      }),
    );
}

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) throw new InvalidArgumentError(`Allowed: 1 to ${MAX_LIMIT}.`);
  return limit;
}

function lineOf({ email, name, roles, disabledAt }: UserView): string {
  const words = [
    email,
    typeof name === 'string' && name,
    (roles as string[]).join(', '),
    disabledAt && 'disabled',
  ];
  return oneLine(words.filter(Boolean).join('  '));
}
