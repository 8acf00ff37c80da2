import { cut, type Protection } from './protection.js';

const WEB = ['http/web-mode.spec.ts'];
const FORMS = ['http/page-forms.spec.ts'];

/** What pages in a browser rely on. */
export const BROWSERS: readonly Protection[] = [
  {
    name: 'a script reads the cookies',
    holds: [59],
    cuts: [cut('http/own-cookie.ts', 'httpOnly: true, ')],
    specs: WEB,
  },
  {
    name: 'the cookies go over plain http',
    holds: [59],
    cuts: [cut('http/own-cookie.ts', 'secure: isSecure, ')],
    specs: WEB,
  },
  {
    name: 'the tokens are in the JSON beside the cookies',
    holds: [59],
    cuts: [
      cut(
        'http/cookie-transport.ts',
        "return { ...body, token_type: 'cookie', expires_in: tokens.expires_in };",
        'return { ...body, ...tokens };',
      ),
    ],
    specs: [...WEB, 'http/cookie-transport.spec.ts'],
  },
  {
    name: 'what a cookie identifies may come from anywhere',
    holds: [60],
    cuts: [cut('http/access-reader.ts', 'if (isCookie && !isSafe(req)) origins.require(req);')],
    specs: WEB,
  },
  {
    name: 'a page of anybody logs its visitors in',
    holds: [60],
    cuts: [cut('http/mount.ts', 'if (asksForCookies(req)) origins.require(req);\n  else if', 'if')],
    specs: [...WEB, ...FORMS],
  },
  {
    name: 'a refresh by cookie may come from anywhere',
    holds: [60],
    cuts: [cut('http/mount.ts', 'if (brought.isCookie) origins.require(req);')],
    specs: WEB,
  },
  {
    name: 'of two origins one counts',
    holds: [60],
    cuts: [cut('http/origins.ts', 'if ((site?.length ?? 0) > 1 || (origin?.length ?? 0) > 1) return false;')],
    specs: ['http/origins.spec.ts'],
  },
  {
    name: 'the session of before goes on when a login replaces its cookies',
    holds: [61],
    cuts: [
      cut(
        'http/cookie-transport.ts',
        'if (isAnother) await endSession(former, req);',
        'void isAnother;\n      void endSession;',
      ),
    ],
    specs: [...WEB, 'http/cookie-transport.spec.ts'],
  },
  {
    name: 'each guard renews anew',
    holds: [101],
    cuts: [cut('http/access-reader.ts', 'known.get(req) ?? read(req as Request)', 'read(req as Request)')],
    specs: ['http/access-reader.spec.ts'],
  },
  {
    name: 'an error page of the app loses the new cookies',
    holds: [101],
    cuts: [
      cut(
        'http/set-cookies.ts',
        '  onHeaders(res, () => {\n',
        '  const now = (write: () => void) => write();\n  void onHeaders;\n  now(() => {\n',
      ),
    ],
    specs: ['http/set-cookies.spec.ts'],
  },
  {
    name: 'a lost renewal counts as arrived',
    holds: [38],
    cuts: [cut('http/identify.ts', 'if (!access.isNew(req)) noteShown', 'noteShown')],
    specs: WEB,
  },
  {
    name: 'a form leads to wherever it says',
    holds: [102],
    cuts: [
      cut(
        'http/return-to.ts',
        "return isOurs && !pathname.startsWith('//') ?",
        'return isOurs || pathname ?',
      ),
    ],
    specs: [...FORMS, 'http/return-to.spec.ts'],
  },
  {
    name: 'a path with two slashes leads to another host',
    holds: [102],
    cuts: [cut('http/return-to.ts', " && !pathname.startsWith('//')")],
    specs: ['http/return-to.spec.ts'],
  },
  {
    name: 'a cookie counts beside a bearer token',
    holds: [103],
    cuts: [cut('http/cookie-transport.ts', 'showsToken(req) || isOAuthForm(req);', 'isOAuthForm(req);')],
    specs: [...WEB, 'http/cookie-transport.spec.ts'],
  },
  {
    name: 'a login is answered by cookies because there are some',
    holds: [103],
    cuts: [
      cut(
        'http/mount.ts',
        "const looksAtCookies = guard === 'user' || (tokenField !== undefined && !isInBody);",
        'const looksAtCookies = guard !== undefined || !isInBody;',
      ),
    ],
    specs: WEB,
  },
  {
    name: 'a form of OAuth takes its token from a cookie',
    holds: [103],
    cuts: [cut('http/cookie-transport.ts', 'showsToken(req) || isOAuthForm(req);', 'showsToken(req);')],
    specs: [...WEB, 'http/cookie-transport.spec.ts'],
  },
];
