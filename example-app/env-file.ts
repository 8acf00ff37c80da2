import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { StartError } from './start-error.js';

/**
 * Reads variables from a file, when there is one, into `env`. What is there already wins: a file is for what is
 * always the same, the environment for this one start.
 *
 * @throws StartError when the file cannot be read or understood; its content, secrets maybe, is not quoted
 */
export function loadEnvFile(file: string, env: NodeJS.ProcessEnv = process.env): void {
  const text = read(file);
  if (text === undefined) return;
  refuseWhatWouldBeSkipped(file, text);
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value;
}

function read(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new StartError(`${file}: cannot be read (${code})`, { cause: error });
  }
  // What some editors on Windows save: the names would carry invisible characters.
  if (/[\0\uFFFD]/.test(text)) throw new StartError(`${file}: not a text file in UTF-8`);
  return text.replace(/^\uFEFF/, '');
}

/** A whole assignment of a quoted value, which may span lines. */
const QUOTED = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(["'`])[\s\S]*?\1/gm;
const PLAIN = /^\s*(?:(?:export\s+)?[\w.-]+\s*=(?!\s*["'`]).*|#.*)?$/;

/** Node.js skips a line that it does not understand, and the variable is missing without a word. */
function refuseWhatWouldBeSkipped(file: string, text: string): void {
  const lines = text
    .replace(QUOTED, (quoted) => `#${'\n'.repeat(quoted.split('\n').length - 1)}#`)
    .split(/\r?\n/);
  const wrong = lines.findIndex((line) => !PLAIN.test(line));
  if (wrong < 0) return;
  throw new StartError(`${file}: line ${wrong + 1} is not understood; allowed: NAME=value, # a comment`);
}
