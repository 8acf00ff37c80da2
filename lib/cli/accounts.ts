import { checkAccount } from '../accounts/create-user.js';
import type { PasswordVerifier } from '../config/password.js';
import { resolveOptions } from '../config/resolve-options.js';
import { createKit } from '../create-kit.js';
import { createService } from '../create-service.js';
import { Unavailable } from '../errors.js';
import { features } from '../features/index.js';
import type { UserDocument } from '../models/user.js';
import { openUserCollection, type UserCollection } from '../models/user-collection.js';
import type { Logger } from '../runtime/logger.js';
import type { AuthService, CreateUserInput } from '../service.js';
import { readAccount } from '../service-input.js';
import { CommandFailure, reasonOf, usage } from './failure.js';
import { createKey } from './secret.js';
import type { Terminal } from './terminal.js';

/** The variables that count here. Those of tokens do not: none is made. */
const VARIABLES = [
  'SMTP_URL',
  'MAIL_FROM',
  'AUTH_APP_URL',
  'AUTH_PASSWORD_MIN_LENGTH',
  'AUTH_BCRYPT_COST',
  'AUTH_SESSION_IDLE_DAYS',
  'AUTH_AUDIT_DAYS',
];

/** An app's users, and the kit's operations on them. */
export interface Accounts {
  service: AuthService<UserDocument>;
  users: UserCollection;
  /** Whether mails can go out. */
  hasMail: boolean;
  /** What is missing for mails with a link. */
  missingMail: readonly string[];
  /** What `service.createUser` begins with: nothing is stored. @throws ValidationFailed */
  check(account: CreateUserInput & Record<string, unknown>): Promise<void>;
  /** Sees to it that the indexes stand, before the first write of a user. */
  prepare(): Promise<void>;
}

interface OpenOptions {
  /** The users' collection. */
  collection: string;
  /** Hashes that may be stored beside bcrypt. */
  verifiers?: readonly PasswordVerifier[];
}

/**
 * Lets a command work on an app's accounts: by the same service as the app's own, on the database of `MONGODB_URI`. It
 * ends when all mails are sent; one that could not be is told on standard error.
 *
 * @throws CommandFailure where the database is not named or not reached, or a variable is malformed; what the work throws
 */
export async function withAccounts<Result>(
  terminal: Terminal,
  { collection, verifiers = [] }: OpenOptions,
  work: (accounts: Accounts) => Promise<Result>,
): Promise<Result> {
  const uri = terminal.env['MONGODB_URI'];
  if (!uri) throw usage('MONGODB_URI is not set: it names the database of the app');
  const settings = readSettings(terminal, verifiers);
  const users = await open(uri, collection);
  try {
    const { kit } = createKit(settings, users.model, features(settings));
    const service = createService(kit);
    const hasMail = settings.mail.transport !== undefined;
    kit.events.on('mail.failed', ({ to, mail, error }) => {
      // Where there is none, a command says so itself.
      if (hasMail) terminal.warn(`the mail ${mail} to ${to} was not sent: ${reasonOf(error)}`);
    });
    try {
      return await work({
        service,
        users,
        hasMail,
        missingMail: kit.outbox.missing(),
        check: async (account) => void (await checkAccount(kit, readAccount(account))),
        prepare: () =>
          kit.indexes.ready().catch((error) => {
            if (error instanceof Unavailable) throw error;
            return kit.indexes.create();
          }),
      });
    } finally {
      await service.settled();
      await service.close();
    }
  } finally {
    await users.close();
  }
}

function readSettings({ env, warn }: Terminal, verifiers: readonly PasswordVerifier[]) {
  // A mail that a server has put off, above all: the app's own processes send it later.
  const logger: Logger = {
    warn: (message, details: { error?: unknown } = {}) =>
      warn(details.error ? `${message}: ${reasonOf(details.error)}` : message),
  };
  const used = Object.fromEntries(VARIABLES.map((name) => [name, env[name]]));
  try {
    // Whether and where the app counts guesses is not known here.
    const unknown = { throttle: 'off' } as const;
    return resolveOptions({ ...createKey('HS256'), ...unknown, password: { verifiers }, logger }, used);
  } catch (error) {
    throw usage(reasonOf(error));
  }
}

async function open(uri: string, collection: string): Promise<UserCollection> {
  try {
    return await openUserCollection(uri, collection);
  } catch (error) {
    const { name } = error as Error;
    // What the driver says of a URI may repeat a part of it, the password too.
    if (/Parse|TypeError|MongoAPI|InvalidArgument/.test(name))
      throw usage('MONGODB_URI is no URI of a MongoDB database');
    throw new CommandFailure(`the database cannot be used: ${reasonOf(error)}`);
  }
}
