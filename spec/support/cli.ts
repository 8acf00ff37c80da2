import { run } from '../../lib/cli/program.js';
import type { Terminal } from '../../lib/cli/terminal.js';

/** What a command printed, and how it ended. */
export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the command prints
  json(): any;
}

export interface CliOptions {
  /** `MONGODB_URI`. */
  uri?: string;
  env?: Record<string, string>;
  /** What comes by standard input. */
  input?: string;
  /** What a person answers, question by question; without them there is no terminal. */
  answers?: string[];
}

/** A terminal that is none: what is written to it is kept. */
export function createTestTerminal({ uri, env, input = '', answers }: CliOptions = {}): {
  terminal: Terminal;
  stdout: string[];
  stderr: string[];
} {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    env: { AUTH_BCRYPT_COST: '10', ...(uri && { MONGODB_URI: uri }), ...env },
    isInteractive: answers !== undefined,
    print: (line) => void stdout.push(line),
    warn: (line) => void stderr.push(line),
    readInput: async () => input,
    async ask(question) {
      stderr.push(question);
      const answer = answers?.shift();
      if (answer === undefined) throw new Error(`nobody answers: ${question}`);
      return answer;
    },
  };
  return { terminal, stdout, stderr };
}

/** Carries out a command in this process. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { terminal, stdout, stderr } = createTestTerminal(options);
  const code = await run(args, terminal);
  return {
    code,
    stdout: stdout.join('\n'),
    stderr: stderr.join('\n'),
    json: () => JSON.parse(stdout.join('\n')),
  };
}
