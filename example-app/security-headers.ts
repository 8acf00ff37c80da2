import cors from 'cors';
import type { RequestHandler } from 'express';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/** What a browser is told with every answer: nothing from elsewhere, no frame around it, no address passed on. */
export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY.join('; '),
    'X-Content-Type-Options': 'nosniff',
    // A recovery link has its token in the address: it stays here, and forms still say where they come from.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  next();
};

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

/** For the mails, whose documents live in frames under the same policy: they come with styles of their own. */
export const allowInlineStyles: RequestHandler = (_req, res, next) => {
  const policy = CONTENT_SECURITY_POLICY.map((rule) =>
    rule.startsWith('style-src') ? `${rule} 'unsafe-inline'` : rule,
  );
  res.set('Content-Security-Policy', policy.join('; '));
  next();
};
