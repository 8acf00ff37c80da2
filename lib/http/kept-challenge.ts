import type { Request, Response } from 'express';
import { createOwnCookie } from './own-cookie.js';
import { setCookie } from './set-cookies.js';

/** A sign-in that waits for its second step, and where the browser wanted to go with it. */
export interface Kept {
  challenge: string;
  /** A path of the app's pages. */
  returnTo?: string | undefined;
}

/** Keeps with the browser what a form between two pages would lose, until the sign-in is done or over. */
export interface KeptChallenge {
  read(req: Pick<Request, 'headers'>): Kept | undefined;
  keep(res: Response, kept: Kept, seconds: number): void;
  drop(req: Pick<Request, 'headers'>, res: Response): void;
}

/** @param isSecure whether the app is served by https: by its own word, never by the request's */
export function createKeptChallenge(isSecure: boolean): KeptChallenge {
  const cookie = createOwnCookie('challenge', isSecure);
  const set = (res: Response, value: string, maxAge: number) =>
    setCookie(res, cookie.name, cookie.line(value, maxAge));
  return {
    read(req) {
      const [challenge, returnTo] = (cookie.read(req) ?? '').split(' ');
      return challenge ? { challenge, returnTo } : undefined;
    },
    // Neither has a space: the one is base64url, the other as the URL parser spells it.
    keep: (res, { challenge, returnTo }, seconds) =>
      set(res, [challenge, returnTo].filter((each) => each !== undefined).join(' '), seconds),
    drop(req, res) {
      if (cookie.read(req)) set(res, '', 0);
    },
  };
}
