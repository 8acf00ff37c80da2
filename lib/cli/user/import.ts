import type { Command } from 'commander';
import { EmailTaken, Unavailable } from '../../errors.js';
import { type Accounts, withAccounts } from '../accounts.js';
import { CommandFailure, reasonOf } from '../failure.js';
import { createHashForms } from '../hash-forms.js';
import { type ReadLine, readImportFile } from '../import-file.js';
import type { ImportedUser } from '../import-line.js';
import { DISCRIMINATOR, kindOfNewUsers, type NewUserKind } from '../new-user-fields.js';
import type { Terminal } from '../terminal.js';
import { addUserCommand, type UserOptions } from '../user-command.js';

interface ImportOptions extends UserOptions {
  dryRun?: boolean;
  discriminator?: string;
}

/** What became of a line. */
interface Outcome {
  line: number;
  email: string | null;
  result: 'created' | 'skipped' | 'failed';
  reason?: string;
  /** What the app must name to know the hash: by `HashForms`. */
  hashForm?: string;
}

/** How many lines are worked on at a time. */
const AT_ONCE = 16;

const FORMAT = `
A line of the file is a JSON object: email; name, roles, emailVerified (true or false), passwordHash, and in
"fields" the app's own. Or a document as mongoexport writes it (without --jsonArray), also of a collection of
passport-local-mongoose. Users who are there already are told and skipped.`;

/** `user import`: users from elsewhere, with their hashes. */
export function addImport(user: Command, terminal: Terminal): void {
  addUserCommand(user, 'import <file>', 'store users from a file of JSON lines')
    .option('--dry-run', 'store nothing, and tell what would become of each line')
    .option(...DISCRIMINATOR)
    .addHelpText('after', FORMAT)
    .action(async (file: string, options: ImportOptions) => {
      const hashes = createHashForms();
      const lines = readImportFile(file, hashes);
      // A file that cannot be read is told before the database is asked.
      const first = await lines.next();
      const outcomes = await withAccounts(terminal, { ...options, verifiers: hashes.verifiers }, (accounts) =>
        importLines(terminal, accounts, { first, lines }, options),
      );
      report(terminal, outcomes, options);
    });
}

interface Source {
  first: IteratorResult<ReadLine, void>;
  lines: AsyncGenerator<ReadLine, void>;
}

async function importLines(
  terminal: Terminal,
  accounts: Accounts,
  { first, lines }: Source,
  { dryRun = false, discriminator }: ImportOptions,
): Promise<Outcome[]> {
  const kind = await kindOfNewUsers(accounts.users, discriminator);
  if (!dryRun) await accounts.prepare();
  const outcomes: Outcome[] = [];
  const work = async (batch: readonly ReadLine[]) => {
    for (const outcome of await Promise.all(batch.map((read) => storeLine(accounts, read, kind, dryRun)))) {
      const { line, email, reason } = outcome;
      if (reason) terminal.warn(`line ${line}: ${email ? `${email}: ` : ''}${reason}`);
      outcomes.push(outcome);
    }
  };
  let batch: ReadLine[] = [];
  for (let next = first; !next.done; next = await lines.next()) {
    batch.push(next.value);
    if (batch.length < AT_ONCE) continue;
    await work(batch);
    batch = [];
  }
  await work(batch);
  if (kind.warning && outcomes.some(({ result }) => result === 'created')) terminal.warn(kind.warning);
  return outcomes;
}

async function storeLine(
  { service, check }: Accounts,
  { line, email, user, fault }: ReadLine,
  { fields, needsId }: NewUserKind,
  dryRun: boolean,
): Promise<Outcome> {
  const failed = (reason: string): Outcome => ({ line, email, result: 'failed', reason });
  const skipped: Outcome = {
    line,
    email,
    result: 'skipped',
    reason: 'is there already, and was left as it is',
  };
  if (!user) return failed(fault as string);
  const account: ImportedUser['account'] = { ...fields, ...user.account };
  if (needsId && account['_id'] === undefined) return failed(needsId);
  try {
    if (dryRun) {
      await check(account);
      if (await service.findUser({ email: account.email })) return skipped;
    } else await service.createUser(account);
    return { line, email, result: 'created', hashForm: user.hashForm };
  } catch (error) {
    if (error instanceof EmailTaken) return skipped;
    if (error instanceof Unavailable) {
      const rest = 'lines before it are done; run it again, who is stored is skipped';
      throw new CommandFailure(`stopped at line ${line}: ${reasonOf(error)}; ${rest}`);
    }
    return failed(reasonOf(error));
  }
}

/** @throws CommandFailure where a line has failed */
function report(
  terminal: Terminal,
  outcomes: readonly Outcome[],
  { dryRun = false, json }: ImportOptions,
): void {
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length;
  const [created, skipped, failed] = [count('created'), count('skipped'), count('failed')];
  const hashes: Record<string, number> = {};
  for (const { result, hashForm = 'none' } of outcomes) {
    if (result === 'created') hashes[hashForm] = (hashes[hashForm] ?? 0) + 1;
  }
  if (json) {
    const lines = outcomes.filter(({ result }) => result !== 'created');
    terminal.print(JSON.stringify({ dryRun, created, skipped, failed, hashes, lines }));
  } else {
    terminal.print(
      `${dryRun ? 'would be stored' : 'stored'}: ${created}, skipped: ${skipped}, failed: ${failed}`,
    );
    for (const [form, howMany] of Object.entries(hashes))
      terminal.print(`${howMany} ${FORMS[form] ?? forms(form)}`);
  }
  if (failed > 0) throw new CommandFailure(`${failed} of ${outcomes.length} lines failed`);
}

const FORMS: Readonly<Record<string, string>> = {
  none: 'without a password: they set the first by POST /forgot-password',
  bcrypt: 'with a bcrypt hash',
};

function forms(verifier: string): string {
  return `with a hash for which the app names password.verifiers: [${verifier}]`;
}
