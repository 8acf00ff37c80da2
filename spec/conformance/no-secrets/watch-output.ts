import { format, inspect } from 'node:util';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { AuthError, type Logger } from 'express-auth-kit';

/** All that an operator, or an app's own code that logs what it is handed, gets to see. */
export interface Output {
  /** A line or an object, with where it was seen. */
  note(where: string, ...what: unknown[]): void;
  /** For the option `logger`: every level. */
  logger: Required<Logger>;
  /** Notes refusals as clients read them, without the handle that they are meant to get. */
  answers: RequestHandler;
  /** An app's own, that notes and hands on to Express's. */
  errorHandler: ErrorRequestHandler;
  /**
   * Watches what this process writes while something runs, in place of the terminal: `console`, the standard streams, its
   * warnings. And every refusal that is made, answered or not: an app may log each.
   *
   * @returns all that was seen, each thing shown in every way in which loggers show things
   */
  during(run: () => Promise<void>): Promise<string>;
}

export function createOutput(): Output {
  const seen: [where: string, ...what: unknown[]][] = [];
  const note: Output['note'] = (where, ...what) => void seen.push([where, ...what]);
  const level =
    (name: string) =>
    (...line: unknown[]) =>
      note(`logger.${name}`, ...line);
  return {
    note,
    logger: { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') },
    answers(_req, res, next) {
      const end = res.end as (...given: unknown[]) => typeof res;
      res.end = (...given: unknown[]) => {
        if (res.statusCode >= 400) note('answer', res.getHeaders(), withoutHandle(String(given[0])));
        return end.apply(res, given);
      };
      next();
    },
    errorHandler(error, _req, _res, next) {
      note('error handler', error);
      next(error);
    },
    async during(run) {
      const stops = [watchStreams(note), watchConsole(note), watchWarnings(note), watchRefusals(note)];
      try {
        await run();
      } finally {
        for (const stop of stops) stop();
      }
      const all = seen.splice(0);
      return all.map(([where, ...what]) => `${where}: ${what.map(show).join('\n')}`).join('\n');
    },
  };
}

type Note = Output['note'];

function watchStreams(note: Note): () => void {
  const streams = [process.stdout, process.stderr];
  const originals = streams.map(({ write }) => write);
  for (const stream of streams) {
    stream.write = (chunk: unknown, ...rest: unknown[]) => {
      note('stream', String(chunk));
      const done = rest.find((each) => typeof each === 'function') as (() => void) | undefined;
      if (done) process.nextTick(done);
      return true;
    };
  }
  return () => {
    for (const [index, stream] of streams.entries()) stream.write = originals[index] as typeof stream.write;
  };
}

function watchConsole(note: Note): () => void {
  const levels = ['debug', 'info', 'log', 'warn', 'error', 'trace', 'dir'] as const;
  const originals = levels.map((level) => console[level]);
  for (const level of levels)
    console[level] = (...line: unknown[]) => note(`console.${level}`, format(...line), ...line);
  return () => {
    for (const [index, level] of levels.entries()) console[level] = originals[index] as typeof console.log;
  };
}

function watchWarnings(note: Note): () => void {
  const warn = (warning: Error) => note('warning', warning);
  process.on('warning', warn);
  return () => void process.off('warning', warn);
}

function watchRefusals(note: Note): () => void {
  // A refusal gives itself its name when message and cause are there; the rest is there when it is shown.
  Object.defineProperty(AuthError.prototype, 'name', {
    configurable: true,
    set(this: AuthError, name: string) {
      Object.defineProperty(this, 'name', { value: name, writable: true, configurable: true });
      note('refusal', this);
    },
  });
  return () => void Reflect.deleteProperty(AuthError.prototype, 'name');
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  // Not what is hidden, as loggers: what a refusal has for its client alone, say.
  const shown = inspect(value, { depth: null, maxStringLength: null, maxArrayLength: null });
  return `${shown}\n${asJson(value)}`;
}

/** As most loggers write it. What is no JSON is not. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

function withoutHandle(text: string): string {
  return text.replace(/"(challenge|mfa_token)":"[^"]+"/, '');
}
