import { once } from 'node:events';
import http from 'node:http';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import express, { type Response } from 'express';
import type { Feature } from 'express-auth-kit/feature';
import { runHash } from '../../lib/security/hash-queue.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { type Watch, watchCalls } from '../support/watch-calls.js';

const NEW = 'another good one';

/** Clients that send a request which costs a hash, and go before its turn comes. */
describe('requests that were abandoned', () => {
  let app: TestApp;
  let answers: Response[];
  /** What a limit is told of the guesses. */
  let told: string[];
  const watching: Feature = {
    name: 'watching',
    setup: () => ({
      limits: {
        before: async () => undefined,
        after: async (_attempt, outcome) => void told.push(outcome),
      },
    }),
  };

  before(async () => {
    app = await createTestApp({
      features: [watching],
      prepare: (each) =>
        each.use((req, res, next) => {
          answers.push(res);
          if (!req.get('x-slow')) return next();
          // The app reads the body and takes its time: the client has gone before the kit is asked.
          express.json()(req, res, () => once(res, 'close').then(() => next()));
        }),
    });
  });
  after(() => app.close());
  beforeEach(() => {
    told = [];
    answers = [];
  });

  type User = Awaited<ReturnType<TestApp['signUp']>>;
  const operations: Record<
    string,
    { path: string; method?: string; isBounded?: boolean; body: (user: User) => Promise<object> | object }
  > = {
    'a login': {
      path: '/auth/token',
      isBounded: true,
      body: ({ email }) => ({ username: email, password: PASSWORD }),
    },
    'a registration': {
      path: '/auth/register',
      isBounded: true,
      body: ({ email }) => ({ email: `x${email}`, password: PASSWORD }),
    },
    'a change of the password': {
      path: '/auth/change-password',
      isBounded: true,
      body: () => ({ current_password: PASSWORD, new_password: NEW }),
    },
    'a reset': {
      path: '/auth/reset-password',
      body: async ({ email }) => ({ token: await app.resetToken(email), password: NEW }),
    },
    'a deletion': {
      path: '/auth/me',
      isBounded: true,
      method: 'DELETE',
      body: () => ({ password: PASSWORD }),
    },
  };

  /** Keeps every place of the queue. @returns what gives them free */
  async function occupyQueue(): Promise<() => Promise<void>> {
    const ends: (() => void)[] = [];
    const held = Array.from({ length: 3 }, () => runHash(() => new Promise<void>((end) => ends.push(end))));
    await new Promise(setImmediate);
    return async () => {
      while (ends.length > 0) {
        for (const end of ends.splice(0)) end();
        await new Promise(setImmediate);
      }
      await Promise.all(held);
    };
  }

  for (const [what, { path, method = 'POST', isBounded = false, body }] of Object.entries(operations)) {
    it(`as ${what} leave the queue at once, cost no hash, and do nothing (holds 68, 83)`, async () => {
      const user = await app.signUp();
      const content = JSON.stringify(await body(user));
      const free = await occupyQueue();
      const watches: Watch[] = [watchCalls(bcrypt, 'compare'), watchCalls(bcrypt, 'hash')];
      try {
        answers = [];
        told = [];
        const headers = {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(content),
          ...bearer(user.access_token),
        };
        const request = http.request(`${app.url}${path}`, { method, headers });
        request.on('error', () => {});
        request.end(content);
        while (answers.length === 0) await new Promise(setImmediate);
        const [answer] = answers as [Response];
        // Who goes before the body was read has sent no request.
        while (!answer.req.readableEnded) await new Promise(setImmediate);
        const closed = once(answer, 'close');
        request.destroy();
        await closed;
        // Answered, though nobody hears it, and though nobody's turn has come.
        while (!answer.writableEnded) await new Promise(setImmediate);
        expect(told).to.deep.equal(isBounded ? ['abandoned'] : []);
        await free();
        expect(watches.map(({ calls }) => calls.length)).to.deep.equal([0, 0]);
      } finally {
        for (const watch of watches) watch.restore();
        await free();
      }
      await app.http.get('/protected').set(bearer(user.access_token)).expect(200);
      await app.login(user);
    });
  }

  it('before the kit was asked cost no hash either (hold 68)', async () => {
    const user = await app.signUp();
    const watch = watchCalls(bcrypt, 'compare');
    try {
      answers = [];
      const content = JSON.stringify({ username: user.email, password: PASSWORD });
      const headers = { 'content-type': 'application/json', 'content-length': 0, 'x-slow': 'yes' };
      headers['content-length'] = Buffer.byteLength(content);
      const request = http.request(`${app.url}/auth/token`, { method: 'POST', headers });
      request.on('error', () => {});
      request.end(content);
      while (answers.length === 0) await new Promise(setImmediate);
      const [answer] = answers as [Response];
      while (!answer.req.readableEnded) await new Promise(setImmediate);
      request.destroy();
      while (!answer.writableEnded) await new Promise(setImmediate);
      expect(watch.calls).to.have.length(0);
    } finally {
      watch.restore();
    }
  });
});
