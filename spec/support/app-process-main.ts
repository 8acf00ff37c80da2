import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { authErrorHandler, BaseUser, createAuthRouter } from 'express-auth-kit';
import { createMailbox } from 'express-auth-kit/testing';
import mongoose, { Schema } from 'mongoose';
import { mailedCode } from '../own-features/mailed-code.js';
import type { Fault, Order } from './app-process.js';
import { stepDate } from './step-date.js';

/** An app as a process of its own: started by `startApp`, told by its environment, ended by a signal. */
const { MONGODB_URI = '', APP_OPTIONS = '{}', LOOKS_FOR_MAILS } = process.env;

const WRITES = ['insert', 'update', 'delete', 'findAndModify'];

const User = BaseUser.discriminator('User', new Schema({ phone: String }));
const mailbox = createMailbox();
const parts = {
  User,
  appUrl: 'https://app.example.com',
  mail: { transport: mailbox.transport, from: 'App <app@example.com>' },
  password: { bcryptCost: 4 },
  throttle: false,
  logger: { error: console.error },
  ...JSON.parse(APP_OPTIONS),
};
const auth = createAuthRouter(parts);
/** For the verification of addresses alone: at the other one a registration is to mail nothing. */
const verifying = createAuthRouter({ ...parts, emailVerification: 'optional' });
/** For the second step alone, of which the others know nothing. */
const twoStep = createAuthRouter({ ...parts, features: [mailedCode({ tries: Number.POSITIVE_INFINITY })] });
const routers = [auth, verifying, twoStep];

// Else what it does by itself would be counted with what a request does.
if (!LOOKS_FOR_MAILS) await Promise.all(routers.map(({ service }) => service.close()));

const app = express();
app.use('/auth', auth);
app.use('/verifying', verifying);
app.use('/two-step', twoStep);
app.get('/protected', auth.requireUser, (req, res) => {
  res.json({ user: req.user?.email });
});
// What an administrator would do.
app.post('/users/:id/:standing', async (req, res) => {
  const { id, standing } = req.params;
  await (standing === 'disable' ? auth.service.disableUser(id) : auth.service.enableUser(id));
  res.json({});
});
// What a person would read in the mailbox.
app.get('/mails/:to', async (req, res) => {
  await Promise.all(routers.map(({ service }) => service.settled()));
  res.json(mailbox.messages.filter(({ to }) => to === req.params.to));
});
app.use(authErrorHandler());

await mongoose.connect(MONGODB_URI, { serverSelectionTimeoutMS: 2000, monitorCommands: true });

// A fault point that no shipped code knows of: a signal the moment the database has carried out a command, to this
// process or to the database.
let armed: Fault | undefined;
let inFlight = 0;
process.on('message', async ({ arm, quiet, step }: Order) => {
  if (step !== undefined) stepDate(step);
  while (quiet && inFlight > 0) await wait(5);
  process.send?.({ wasArmed: armed !== undefined });
  if (!quiet && step === undefined) armed = arm;
});
const client = mongoose.connection.getClient();
client.on('commandStarted', () => {
  inFlight += 1;
});
client.on('commandFailed', () => {
  inFlight -= 1;
});
client.on('commandSucceeded', ({ commandName }) => {
  inFlight -= 1;
  if (!armed || (armed.count === 'writes' && !WRITES.includes(commandName))) return;
  armed.after -= 1;
  if (armed.after > 0) return;
  process.kill(armed.pid ?? process.pid, armed.signal);
  armed = undefined;
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.({ port: (server.address() as AddressInfo).port });
process.once('disconnect', () => process.exit());
