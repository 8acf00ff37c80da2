import type { Connection, mongo } from 'mongoose';

/** What a database is told to do. However the code asks for it, it is told in these words. */
export interface Command {
  /** `find`, `update`, ... */
  name: string;
  collection: string;
  /** What it looks for, statement by statement; none of an insert. Empty where it looks for anything. */
  filters: object[];
  /** All of it, as it is sent. */
  body: mongo.Document;
}

/** What makes and looks through indexes and puts away what the driver needs: it may happen at any time. */
const HOUSEKEEPING = ['create', 'createIndexes', 'listIndexes', 'endSessions', 'killCursors'];

const READS = ['find', 'aggregate', 'count', 'distinct'];
const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'bulkWrite'];

/**
 * What the database is told while something runs, oldest first; but for indexes, which are made whenever they are.
 *
 * @param connection made with `monitorCommands`, as those of `createTestDatabase` are
 *
 * @example
 * const commands = await recordCommands(app.connection, () => app.http.post('/auth/token').send({}).expect(422));
 * expect(commands).to.deep.equal([]);
 */
export async function recordCommands(connection: Connection, run: () => unknown): Promise<Command[]> {
  const client = connection.getClient();
  if (!client.options.monitorCommands) throw new Error('The connection was made without monitorCommands.');
  const commands: Command[] = [];
  const record = ({ command }: mongo.CommandStartedEvent) => {
    const read = readCommand(command);
    if (!HOUSEKEEPING.includes(read.name)) commands.push(read);
  };
  client.on('commandStarted', record);
  try {
    await run();
  } finally {
    client.off('commandStarted', record);
  }
  return commands;
}

export function isRead({ name }: Command): boolean {
  return READS.includes(name);
}

export function isWrite({ name }: Command): boolean {
  return WRITES.includes(name);
}

/** @param body as the driver sends it: the name comes first, and the collection is its value */
export function readCommand(body: mongo.Document): Command {
  const [name = ''] = Object.keys(body);
  return { name, collection: String(body[name]), filters: filtersOf(name, body), body };
}

function filtersOf(name: string, body: mongo.Document): object[] {
  switch (name) {
    case 'insert':
      return [];
    case 'update':
      return statementsOf(body['updates']).map(({ q }) => q);
    case 'delete':
      return statementsOf(body['deletes']).map(({ q }) => q);
    case 'aggregate':
      return [body['pipeline']?.[0]?.$match ?? {}];
    default:
      return [body['filter'] ?? body['query'] ?? {}];
  }
}

/** The driver keeps the statements in an object of its own until they are sent. */
function statementsOf(sent: { q: object }[] | { documents: { q: object }[] }): { q: object }[] {
  return Array.isArray(sent) ? sent : sent.documents;
}
