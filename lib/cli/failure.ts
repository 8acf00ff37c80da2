import { CommanderError } from 'commander';
import { AuthError, ValidationFailed } from '../errors.js';

/** How a command ends: done, refused or unreachable, not understood. */
export type ExitCode = 0 | 1 | 2;

/** A command that does not do what it was asked for. The message is one line for a person. */
export class CommandFailure extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = 1,
  ) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/** What was asked for cannot be understood, or done with what was given. */
export function usage(message: string): CommandFailure {
  return new CommandFailure(message, 2);
}

/** What is told of an error: one line, or nothing where it was told already. */
export interface Told {
  message?: string;
  exitCode: ExitCode;
}

export function tellFailure(error: unknown): Told {
  // Commander has written it.
  if (error instanceof CommanderError) return { exitCode: HELP.includes(error.code) ? 0 : 2 };
  const exitCode = error instanceof CommandFailure ? error.exitCode : 1;
  return { message: reasonOf(error), exitCode };
}

const HELP = ['commander.helpDisplayed', 'commander.version'];

/** Why something was refused, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof ValidationFailed) {
    return error.errors.map(({ pointer, detail }) => `${pointer.replace(/^#\//, '')}: ${detail}`).join(' ');
  }
  if (error instanceof AuthError) return oneLine(error.message);
  return oneLine(error instanceof Error ? error.message : String(error));
}

/** Without what a terminal could take for a command. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
