import bcrypt from 'bcrypt';
import express from 'express';
import { getAs, post } from '../load.js';
import { ANSWER, type CreateServer, emailOf, newEmails, PASSWORD, times, USERS } from '../servers.js';

/** Routes that guard nothing, and that do with bcrypt the one thing that has to be done. */
const bare: CreateServer = async ({ cost = 4 }) => {
  const hash = await bcrypt.hash(PASSWORD, cost as number);
  const app = express();
  app.get('/', (_req, res) => {
    res.json(ANSWER);
  });
  app.post('/compare', express.json(), async (req, res) => {
    await bcrypt.compare(req.body.password, hash);
    res.json(ANSWER);
  });
  app.post('/hash', express.json(), async (req, res) => {
    await bcrypt.hash(req.body.password, cost as number);
    res.status(201).json(ANSWER);
  });
  return {
    app,
    loads: {
      open: () => ({
        status: 200,
        requests: times(USERS, () => getAs('/', { authorization: 'Bearer none' })),
      }),
      compare: () => ({
        status: 200,
        requests: times(USERS, (i) => post('/compare', { username: emailOf(i), password: PASSWORD })),
      }),
      hash: () => ({
        status: 201,
        requests: newEmails(USERS).map((email) => post('/hash', { email, password: PASSWORD })),
      }),
    },
  };
};
export default bare;
