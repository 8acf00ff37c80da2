import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { BaseUser, createAuthRouter } from 'express-auth-kit';
import { createMailbox } from 'express-auth-kit/testing';
import mongoose, { Schema } from 'mongoose';

/** An app as a process of its own: started by `startApp`, told by its environment, ended by a signal. */
const { MONGODB_URI = '', APP_OPTIONS = '{}' } = process.env;

const User = BaseUser.discriminator('User', new Schema({ phone: String }));
const mailbox = createMailbox();
const auth = createAuthRouter({
  User,
  appUrl: 'https://app.example.com',
  mail: { transport: mailbox.transport, from: 'App <app@example.com>' },
  password: { bcryptCost: 4 },
  logger: { error: console.error, warn: console.error },
  ...JSON.parse(APP_OPTIONS),
});

const app = express();
app.use('/auth', auth);
app.get('/protected', auth.requireUser, (req, res) => {
  res.json({ user: req.user?.email });
});
// What a person would read in the mailbox.
app.get('/mails/:to', async (req, res) => {
  await auth.service.settled();
  res.json(mailbox.messages.filter(({ to }) => to === req.params.to));
});

mongoose.connect(MONGODB_URI, { serverSelectionTimeoutMS: 2000, monitorCommands: true }).catch(console.error);

// A fault point that no shipped code knows of: the process dies the moment the database has carried out a write.
let writesLeft = Number.POSITIVE_INFINITY;
process.on('message', ({ dieAfterWrites }: { dieAfterWrites: number }) => {
  writesLeft = dieAfterWrites;
  process.send?.({ armed: true });
});
mongoose.connection.getClient().on('commandSucceeded', ({ commandName }) => {
  if (!['insert', 'update', 'delete', 'findAndModify'].includes(commandName)) return;
  writesLeft -= 1;
  if (writesLeft === 0) process.kill(process.pid, 'SIGKILL');
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.({ port: (server.address() as AddressInfo).port });
process.once('disconnect', () => process.exit());
