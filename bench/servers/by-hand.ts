import { createSecretKey } from 'node:crypto';
import bcrypt from 'bcrypt';
import express from 'express';
import jwt from 'jsonwebtoken';
import mongoose, { Schema, type Types } from 'mongoose';
import passport from 'passport';
import { ExtractJwt, Strategy as JwtStrategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import { Strategy as LocalStrategy } from 'passport-local';
import { bearer, getAs, type Load, post } from '../load.js';
import { ANSWER, type CreateServer, emailOf, PASSWORD, times, USERS, WRONG_PASSWORD } from '../servers.js';
import { SECRET } from './secret.js';

const User = mongoose.model(
  'User',
  new Schema(
    {
      email: { type: String, unique: true },
      name: { type: String, default: null },
      password: { type: String, select: false },
      roles: [String],
      emailVerifiedAt: { type: Date, default: null },
      disabledAt: { type: Date, default: null },
    },
    { timestamps: true },
  ),
);
const Session = mongoose.model(
  'Session',
  new Schema({
    user: { type: Schema.Types.ObjectId, index: true },
    expiresAt: Date,
    ip: String,
    userAgent: String,
  }),
);

/** The naive kit: passport-local, bcrypt and passport-jwt, as one writes them by hand. `cost`: bcrypt's. */
const byHand: CreateServer = async ({ uri, cost = 4 }) => {
  await mongoose.connect(uri);
  await Promise.all([User.init(), Session.init()]);
  const password = await bcrypt.hash(PASSWORD, cost as number);
  const users = await User.insertMany(times(USERS, (i) => ({ email: emailOf(i), password })));
  const expiresAt = new Date(Date.now() + 3_600_000);
  const sessions = await Session.insertMany(users.map(({ _id }) => ({ user: _id, expiresAt })));

  const key = createSecretKey(Buffer.from(SECRET));
  const tokens = users.map(({ id }, i) =>
    jwt.sign({ sub: id, sid: sessions[i]?.id }, key, { expiresIn: '1h' }),
  );
  const from = ExtractJwt.fromAuthHeaderAsBearerToken();
  // Its types refuse a KeyObject; jsonwebtoken takes one.
  const byKey = { jwtFromRequest: from, secretOrKey: key } as unknown as StrategyOptionsWithoutRequest;
  passport.use('claims', new JwtStrategy(byKey, (claims, done) => done(null, claims)));
  passport.use(
    'live',
    new JwtStrategy(byKey, (claims: { sub: string; sid: string }, done) => {
      const session = Session.findOne({ _id: claims.sid, expiresAt: { $gt: new Date() } }).lean();
      Promise.all([User.findById(claims.sub), session]).then(
        ([user, found]) => done(null, user && found && !user.disabledAt ? user : false),
        done,
      );
    }),
  );
  passport.use(
    'readme',
    new JwtStrategy({ jwtFromRequest: from, secretOrKey: SECRET }, (claims: { sub: string }, done) => {
      User.findOne({ _id: claims.sub }).then((user) => done(null, user ?? false), done);
    }),
  );
  passport.use(
    new LocalStrategy((username, typed, done) => {
      User.findOne({ email: username })
        .select('+password')
        .then(async (user) => {
          const fits = user?.password && (await bcrypt.compare(typed, user.password));
          // The kit, whose types are seen here too, declares another user.
          done(null, fits ? (user as unknown as Express.User) : false);
        })
        .catch(done);
    }),
  );

  const app = express();
  const answer: express.RequestHandler = (_req, res) => {
    res.json(ANSWER);
  };
  for (const name of ['claims', 'live', 'readme']) {
    app.get(`/${name}`, passport.authenticate(name, { session: false }), answer);
  }
  app.post('/login', express.json(), passport.authenticate('local', { session: false }), async (req, res) => {
    const { _id } = req.user as unknown as { _id: Types.ObjectId };
    const session = await Session.create({ user: _id, expiresAt });
    res.json({ access_token: jwt.sign({ sub: String(_id), sid: session.id }, key, { expiresIn: '1h' }) });
  });
  const guarded = (path: string) => (): Load => ({
    status: 200,
    requests: tokens.map((token) => getAs(path, bearer(token))),
  });
  const login = (status: number, typed: string) => (): Load => ({
    status,
    requests: times(USERS, (i) => post('/login', { username: emailOf(i), password: typed })),
  });
  return {
    app,
    loads: {
      claims: guarded('/claims'),
      user: guarded('/live'),
      readme: guarded('/readme'),
      login: login(200, PASSWORD),
      wrong: login(401, WRONG_PASSWORD),
    },
  };
};
export default byHand;
