import express from 'express';
import { expressjwt } from 'express-jwt';
import jwt from 'jsonwebtoken';
import { bearer, getAs } from '../load.js';
import { ANSWER, type CreateServer, times, USERS } from '../servers.js';
import { SECRET } from './secret.js';

/** express-jwt as its README shows it: the secret is a text, the claims are all there is. */
const expressJwt: CreateServer = async () => {
  const app = express();
  app.get('/', expressjwt({ secret: SECRET, algorithms: ['HS256'] }), (_req, res) => {
    res.json(ANSWER);
  });
  const tokens = times(USERS, (i) => jwt.sign({ sub: `user${i}` }, SECRET, { expiresIn: '1h' }));
  return {
    app,
    loads: { claims: () => ({ status: 200, requests: tokens.map((token) => getAs('/', bearer(token))) }) },
  };
};
export default expressJwt;
