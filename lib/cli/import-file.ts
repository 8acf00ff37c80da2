import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { normalizeEmail } from '../security/email-address.js';
import { CommandFailure, oneLine } from './failure.js';
import type { HashForms } from './hash-forms.js';
import { type ImportedUser, readImportLine } from './import-line.js';

/** A line that was read; without a user where it is faulty. */
export interface ReadLine {
  line: number;
  /** As it is written; null where it could not be read. */
  email: string | null;
  user?: ImportedUser;
  fault?: string;
}

/**
 * Reads the users of a file, line by line. An address that a line before had already is a fault: in whatever case, both would
 * be one user.
 *
 * @throws CommandFailure where the file cannot be read
 */
export async function* readImportFile(path: string, hashes: HashForms): AsyncGenerator<ReadLine, void> {
  const firstLines = new Map<string, { line: number; email: string }>();
  let line = 0;
  for await (const text of linesOf(path)) {
    line += 1;
    if (text.trim() === '') continue;
    const read = readLine(line, text, hashes);
    const email = read.user?.account.email;
    const earlier = email === undefined ? undefined : firstLines.get(normalizeEmail(email));
    if (email !== undefined && !earlier) firstLines.set(normalizeEmail(email), { line, email });
    yield email !== undefined && earlier ? { line, email, fault: doubled(email, earlier) } : read;
  }
}

function readLine(line: number, text: string, hashes: HashForms): ReadLine {
  try {
    const user = readImportLine(text, hashes);
    return { line, email: oneLine(user.account.email), user };
  } catch (error) {
    if (error instanceof CommandFailure) return { line, email: null, fault: error.message };
    throw error;
  }
}

function doubled(email: string, earlier: { line: number; email: string }): string {
  return email.trim() === earlier.email.trim()
    ? `line ${earlier.line} has this address already`
    : `differs from ${oneLine(earlier.email)} in line ${earlier.line} by case alone`;
}

async function* linesOf(path: string): AsyncGenerator<string, void> {
  const input = createReadStream(path, 'utf8');
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const failed = (error: NodeJS.ErrnoException) =>
    new CommandFailure(`${oneLine(path)} cannot be read: ${error.code ?? error.message}`);
  // Not every version of Node.js lets readline end with what the stream fails with.
  let failure: CommandFailure | undefined;
  input.once('error', (error) => {
    failure = failed(error);
    lines.close();
  });
  try {
    let isFirst = true;
    for await (const text of lines) {
      // Windows puts a mark of the byte order before it.
      yield isFirst ? text.replace(/^\ufeff/, '') : text;
      isFirst = false;
    }
  } catch (error) {
    throw failed(error as NodeJS.ErrnoException);
  } finally {
    input.destroy();
  }
  if (failure) throw failure;
}
