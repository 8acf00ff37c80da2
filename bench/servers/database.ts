import express from 'express';
import mongoose, { Schema } from 'mongoose';
import { getAs, post } from '../load.js';
import { ANSWER, type CreateServer, emailOf, times, USERS } from '../servers.js';

/** Routes that ask the database once, by Mongoose, and do nothing else. */
const database: CreateServer = async ({ uri }) => {
  const User = mongoose.model(
    'User',
    new Schema({ email: { type: String, unique: true }, name: String, roles: [String], visits: Number }),
  );
  await mongoose.connect(uri);
  await User.init();
  const users = await User.insertMany(times(USERS, (i) => ({ email: emailOf(i), visits: 0 })));

  const app = express();
  app.get('/find', async (_req, res) => {
    await User.findOne({ email: emailOf(Math.floor(Math.random() * USERS)) });
    res.json(ANSWER);
  });
  app.post('/update', express.json(), async (req, res) => {
    const change = { $inc: { visits: 1 } };
    await User.findOneAndUpdate({ _id: String(req.body.id) }, change, { writeConcern: { w: 'majority' } });
    res.json(ANSWER);
  });
  return {
    app,
    loads: {
      find: () => ({
        status: 200,
        requests: times(USERS, () => getAs('/find', { authorization: 'Bearer none' })),
      }),
      update: () => ({ status: 200, requests: users.map(({ id }) => post('/update', { id })) }),
    },
  };
};
export default database;
