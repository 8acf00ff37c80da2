import cors from 'cors';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What pages may do: what is not here is forbidden. */
const DIRECTIVES = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  connectSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

/**
 * What a browser is told with every answer: nothing from elsewhere, no script in a page, no frame around it.
 *
 * @param production only then TLS is there to stay: a browser that was told so refuses `http://localhost` for a year
 */
export function securityHeaders({ production }: { production: boolean }): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
    // A recovery link has its token in the address: it stays here, and forms still say where they come from.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: production,
  });
}

/** For the mails, whose documents live in frames under the same policy: they come with styles of their own. */
export const allowInlineStyles: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: { ...DIRECTIVES, styleSrc: ["'self'", "'unsafe-inline'"] },
});

/** Pages of these origins may ask, and read the answers: what they send is refused or not all the same. */
export function allowOrigins(origins: string[]): RequestHandler {
  const allow = cors({
    origin: origins,
    credentials: true,
    exposedHeaders: ['WWW-Authenticate', 'Retry-After'],
  });
  return (req, res, next) => {
    res.set('Cross-Origin-Resource-Policy', 'cross-origin');
    allow(req, res, next);
  };
}
