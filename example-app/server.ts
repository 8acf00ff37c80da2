import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { openDatabase, pingDatabase } from './database.js';
import { developmentSecret, needsSecret } from './development-secret.js';
import { loadEnvFile } from './env-file.js';
import { listen } from './listen.js';
import { mailboxFor } from './mailbox.js';
import { closeServer, stopWhenTold } from './shutdown.js';
import { StartError, startErrorOf } from './start-error.js';

/** Git-ignored: the secret and the database of this machine. */
const DATA_FOLDER = '.data';
/** How long may take to end, in milliseconds: the requests in flight, then the mails being sent, everything. */
const REQUEST_PATIENCE = 7000;
const MAIL_PATIENCE = 1000;
const STOP_LIMIT = 9500;

/** What is to be undone at the end, the last one first. */
const undo: (() => Promise<void>)[] = [];

async function start(): Promise<void> {
  loadEnvFile('.env');
  const config = readConfig(process.env);
  const secret = needsSecret(config) ? await developmentSecret(DATA_FOLDER) : undefined;

  const database = await openDatabase({ uri: config.mongodbUri, dataFolder: join(DATA_FOLDER, 'mongodb') });
  undo.push(database.close);

  const server = createServer();
  const url = await listen(server, config);
  const mailbox = mailboxFor(config);
  const { app, auth } = startErrorOf(() =>
    createApp({ config, developmentSecret: secret, url, mailbox, pingDatabase }),
  );
  // In the same turn of the event loop as the listening: no request comes before it.
  server.on('request', app);
  undo.push(
    () => Promise.race([auth.service.close(), wait(MAIL_PATIENCE)]),
    () => closeServer(server, REQUEST_PATIENCE),
  );

  const mails = mailbox ? [`The mails it would send are on ${url}/dev/mailbox`] : [];
  const own = database.ownUri ? [`Its MongoDB, for the command line, is ${database.ownUri}`] : [];
  console.log([`The example app listens on ${url}`, ...mails, ...own].join('\n'));
}

async function stop(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

stopWhenTold(stop, STOP_LIMIT);
try {
  await start();
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  await stop().catch(() => {});
  process.exit(1);
}
