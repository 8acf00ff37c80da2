import { createRequire } from 'node:module';
import type { mongo } from 'mongoose';
import { type Command, readCommand } from './commands.js';

/** What carries a command to the database and its answer back. */
interface Carrier {
  command(namespace: object, body: mongo.Document, ...rest: unknown[]): Promise<mongo.Document>;
}

// Command monitoring only tells: nothing of the driver's that it exports can keep a command waiting. This is the class
// of its connections, of that driver which mongoose uses.
const mongoose = createRequire(import.meta.url).resolve('mongoose');
const carrier: Carrier = createRequire(mongoose)('mongodb/lib/cmap/connection.js').Connection.prototype;

/** Is given a command, and what sends it and resolves with the answer. */
type Handler = (command: Command, send: () => Promise<mongo.Document>) => Promise<mongo.Document>;

const handlers = new Set<Handler>();

const { command: carry } = carrier;
carrier.command = function (namespace, body, ...rest) {
  let send = () => carry.call(this, namespace, body, ...rest);
  for (const handle of handlers) {
    const next = send;
    send = () => handle(readCommand(body), next);
  }
  return send();
};

/**
 * Puts something between this process and its databases, whichever function of mongoose or the driver asks them.
 *
 * @returns what takes it away again
 */
export function interceptCommands(handle: Handler): () => void {
  handlers.add(handle);
  return () => void handlers.delete(handle);
}

export interface Failing {
  /** Those that have failed, oldest first. */
  failed: Command[];
  heal(): void;
}

/**
 * Lets commands fail before the database is sent them, as if the process had died there.
 *
 * @param matches says which
 * @param after how many of them are let through first
 */
export function failCommands(matches: (command: Command) => boolean, after = 0): Failing {
  const failed: Command[] = [];
  let passed = 0;
  const heal = interceptCommands(async (command, send) => {
    if (!matches(command)) return send();
    passed += 1;
    if (passed <= after) return send();
    failed.push(command);
    throw new Error('cut off');
  });
  return { failed, heal };
}
