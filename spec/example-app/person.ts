import { expect } from 'chai';
import request from 'supertest';
import { bearer } from '../support/test-app.js';
import type { AppProcess } from './app-process.js';

export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';
export const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

/** What one device does. */
export interface Device {
  token: string;
  get(path: string): request.Test;
  send(method: 'post' | 'patch' | 'put' | 'delete', path: string, body?: object): request.Test;
  /** Whether a protected route lets it pass. */
  isIn(): Promise<boolean>;
}

/** A person with mails and devices, before an app that is running. */
export interface Person {
  post(path: string, body: object): request.Test;
  logIn(username: string, password: string, userAgent?: string): Promise<Device>;
  /** The token of the newest mail to an address with a link to this page. */
  tokenFrom(to: string, page: string): Promise<string>;
}

export function createPerson({ url }: AppProcess): Person {
  const http = request(url);
  const post = (path: string, body: object) => http.post(path).send(body);
  return {
    post,
    async logIn(username, password, userAgent = FIREFOX) {
      const { body } = await post('/auth/token', { username, password })
        .set('user-agent', userAgent)
        .expect(200);
      const headers = { ...bearer(body.access_token), 'user-agent': userAgent };
      const get = (path: string) => http.get(path).set(headers);
      return {
        token: body.access_token,
        get,
        send: (method, path, sent = {}) => http[method](path).set(headers).send(sent),
        isIn: async () => (await get('/protected')).status === 200,
      };
    },
    async tokenFrom(to, page) {
      const { body } = await http.get('/dev/mailbox.json').expect(200);
      const link = `${url}${page}?token=`;
      const mail = body.find(
        (each: { to: string; text: string }) => each.to === to && each.text.includes(link),
      );
      expect(mail, `a mail to ${to} with ${link}`).to.be.an('object');
      return mail.text.split(link)[1].split(/\s/)[0];
    },
  };
}
