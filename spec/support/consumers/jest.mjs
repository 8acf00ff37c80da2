import express from 'express';
import { createAuthRouter } from 'express-auth-kit';
import { defineRoute } from 'express-auth-kit/feature';
import { createMailbox, loginAs } from 'express-auth-kit/testing';
import mongoose from 'mongoose';

const route = defineRoute({
  method: 'get',
  path: '/ping',
  success: 200,
  handle: async () => ({ body: { pong: true } }),
});

test('an app is registered at, signed in to, and extended', async () => {
  await mongoose.connect(process.env.MONGODB_URI);
  const auth = createAuthRouter({
    appUrl: 'https://app.example.com',
    mail: { transport: createMailbox().transport, from: 'app@example.com' },
    password: { bcryptCost: 4 },
    features: [{ name: 'ping', setup: () => ({ routes: [route] }) }],
  });
  const server = express().use('/auth', auth).listen(0);
  const url = `http://127.0.0.1:${server.address().port}/auth`;
  const register = (password) =>
    fetch(`${url}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', password }),
    });
  try {
    expect((await register('password123')).status).toBe(422);
    expect((await register('correct horse battery')).status).toBe(201);
    const user = await mongoose.connection.collection('users').findOne({ email: 'ada@example.com' });
    const me = await fetch(`${url}/me`, { headers: await loginAs(auth, String(user._id)) });
    expect(await me.json()).toMatchObject({ email: 'ada@example.com' });
    expect(await (await fetch(`${url}/ping`)).json()).toEqual({ pong: true });
  } finally {
    server.close();
    server.closeAllConnections();
    await mongoose.disconnect();
  }
}, 60_000);
