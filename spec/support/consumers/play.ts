import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

/** Registers, logs in and visits both routes, over HTTP. @returns what the app said */
export async function play(app: Express, fields: object): Promise<object> {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { 'content-type': 'application/json' };
  const post = async (path: string, body: object) => {
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, unknown>;
  };
  try {
    const [email, password] = ['Ada@Example.com', 'correct horse battery'];
    const user = await post('/auth/register', { email, password, ...fields });
    const { access_token } = await post('/auth/token', { username: email, password });
    const get = async (path: string) => {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${access_token}` } });
      return (await response.json()) as unknown;
    };
    const { status } = await fetch(`${url}/protected`);
    const { email: stored } = user;
    return { stored, protected: await get('/protected'), typed: await get('/typed'), withoutToken: status };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
