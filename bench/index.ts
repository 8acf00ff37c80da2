import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { startLocalMongo } from '../scripts/local-mongo.js';
import { benchGuards } from './guards.js';
import { benchLogin } from './login.js';
import { benchVerification } from './verification.js';

const mongo = await startLocalMongo({ log: console.error });
await mongoose.connect(mongo.uri, { dbName: `bench-${randomUUID()}` });
try {
  await benchVerification();
  await benchGuards();
  await benchLogin();
} finally {
  await mongoose.connection.dropDatabase();
  await mongoose.disconnect();
  await mongo.stop();
}
