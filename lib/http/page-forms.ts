import type { Request, Response } from 'express';
import { type AuthError, ForbiddenOrigin, SecondFactorRequired, ValidationFailed } from '../errors.js';
import { isNobody } from './access-reader.js';
import { readBody } from './body.js';
import type { KeptChallenge } from './kept-challenge.js';
import { pathOf } from './return-to.js';
import type { Route } from './route.js';
import { isPageForm, showsToken } from './web-request.js';

type Fields = Readonly<Record<string, unknown>>;

/** What an HTML form is answered by: a page to go to, since nobody reads JSON there. */
export interface PageForms {
  isOn: boolean;
  /** Whether a request is the form of a page. */
  is(req: Request): boolean;
  /** The fields of one, and the challenge that the browser keeps, where the row asks for it. */
  read(req: Request, res: Response, route: Pick<Route, 'challengeField'>): Promise<Record<string, unknown>>;
  /** Sends the browser where it wants to go. */
  done(req: Request, res: Response, route: Pick<Route, 'challengeField'>): Promise<void>;
  /**
   * Sends it back with what was wrong, and none of what was typed.
   *
   * @returns false for what no page is to be shown for
   */
  refuse(error: AuthError, req: Request, res: Response): Promise<boolean>;
}

/** The app's own pages that the kit sends browsers to. */
const PAGES = { login: '/login', challenge: '/login/challenge' };

/** Where there is no web mode, no form is a page's. */
export const noPageForms: PageForms = {
  isOn: false,
  is: () => false,
  read: async () => ({}),
  done: async () => {},
  refuse: async () => false,
};

interface FormParts {
  appUrl: string;
  keptChallenge: KeptChallenge;
}

export function createPageForms({ appUrl, keptChallenge }: FormParts): PageForms {
  /** What was refused before its body was read is sent back by what the body says, all the same. */
  const fieldsOf = (req: Request, res: Response): Promise<Fields> =>
    readBody(req, res, 'form').catch(() => ({}));

  const cameFrom = (req: Request) => pathOf(req.headers.referer, appUrl);

  const leave = (res: Response, path: string, query: Record<string, string | undefined> = {}) => {
    const url = new URL(path, appUrl);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, value);
    res.set('Cache-Control', 'no-store').redirect(303, `${url.pathname}${url.search}${url.hash}`);
  };

  return {
    isOn: true,
    is: (req) => req.method === 'POST' && isPageForm(req) && !showsToken(req),

    async read(req, res, { challengeField }) {
      const { remember, ...fields } = await readBody(req, res, 'form');
      // A hidden field says what an empty checkbox does not: the last one counts.
      const body = remember === undefined ? fields : { ...fields, remember: [remember].flat().at(-1) };
      const kept = challengeField && keptChallenge.read(req)?.challenge;
      return kept ? { [challengeField]: kept, ...body } : body;
    },

    async done(req, res, { challengeField }) {
      const { return_to } = await fieldsOf(req, res);
      const kept = challengeField && keptChallenge.read(req)?.returnTo;
      if (challengeField) keptChallenge.drop(req, res);
      leave(res, pathOf(return_to, appUrl) ?? pathOf(kept, appUrl) ?? '/');
    },

    async refuse(error, req, res) {
      if (error instanceof ForbiddenOrigin) return false;
      const { error_to, return_to } = await fieldsOf(req, res);
      const wanted = pathOf(return_to, appUrl);
      if (error instanceof SecondFactorRequired) {
        const { challenge, expires_in: seconds } = error.extensions;
        keptChallenge.keep(res, { challenge: String(challenge), returnTo: wanted }, Number(seconds));
        leave(res, PAGES.challenge);
        return true;
      }
      const back = pathOf(error_to, appUrl) ?? cameFrom(req) ?? wanted ?? '/';
      if (isNobody(error)) leave(res, PAGES.login, { error: error.code, return_to: back });
      else leave(res, back, { error: error.code, ...detailsOf(error) });
      return true;
    },
  };
}

/** What a page needs to show the refusal where it belongs. */
function detailsOf(error: AuthError): Record<string, string | undefined> {
  const fields = error instanceof ValidationFailed ? error.errors.map(({ pointer }) => pointer.slice(2)) : [];
  return {
    fields: fields.length > 0 ? fields.join(',') : undefined,
    retry_after: error.status === 429 ? error.headers['Retry-After'] : undefined,
  };
}
