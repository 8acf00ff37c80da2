import { logOut } from '../accounts/log-out.js';
import { refreshSession } from '../accounts/refresh-session.js';
import type { Settings } from '../config/option-table.js';
import type { TokenCore } from '../core/core.js';
import { type AccessReader, createRenewingReader } from './access-reader.js';
import { createCookieTransport } from './cookie-transport.js';
import { createKeptChallenge } from './kept-challenge.js';
import { anyOrigin, createOrigins, type Origins } from './origins.js';
import { createPageForms, noPageForms, type PageForms } from './page-forms.js';
import { requestContext } from './request-context.js';
import { headerTransport, type TokenTransport } from './token-transport.js';

/** What pages in a browser need: nothing else in the kit knows of cookies that carry tokens, and of origins. */
export interface WebMode {
  transport: TokenTransport;
  origins: Origins;
  pageForms: PageForms;
  access: AccessReader;
}

/** @returns as without, where it is off: tokens in headers, and nobody is asked for an origin */
export function createWebMode({ cookies, appUrl, allowedOrigins }: Settings, core: TokenCore): WebMode {
  const { tokenReader, now } = core;
  if (!cookies || appUrl === undefined) {
    const none = { transport: headerTransport, origins: anyOrigin, pageForms: noPageForms };
    return { ...none, access: { read: tokenReader.readAccess, isNew: () => false } };
  }
  const origins = createOrigins([new URL(appUrl).origin, ...allowedOrigins]);
  const isSecure = appUrl.startsWith('https:');
  const transport = createCookieTransport({
    isSecure,
    endSession: (refreshToken, req) => logOut(core, { refreshToken }, requestContext(req)),
    now,
  });
  const refresh = (refreshToken: string, req: Parameters<typeof requestContext>[0]) =>
    refreshSession(core, refreshToken, requestContext(req));
  return {
    transport,
    origins,
    pageForms: createPageForms({ appUrl, keptChallenge: createKeptChallenge(isSecure) }),
    access: createRenewingReader({ tokenReader, transport, origins, refresh }),
  };
}
