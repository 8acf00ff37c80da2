import type { Request } from 'express';
import { ForbiddenOrigin } from '../errors.js';

/** The one place where it is asked which page a request comes from. */
export interface Origins {
  /**
   * Lets in what comes from a page of ours, and says so.
   *
   * @throws ForbiddenOrigin (`forbidden_origin`, 403)
   */
  require(req: Request): void;
  /**
   * Lets in also what does not say where it comes from: no browser leaves that out of a POST.
   *
   * @throws as `require`
   */
  refuseForeign(req: Request): void;
}

/** Where no cookie says who somebody is, no page can misuse one. */
export const anyOrigin: Origins = { require() {}, refuseForeign() {} };

/** @param allowed of `appUrl`, and what else the app trusts */
export function createOrigins(allowed: readonly string[]): Origins {
  const isOurs = (req: Request): boolean => {
    const [site, origin] = ['sec-fetch-site', 'origin'].map((name) => req.headersDistinct[name] ?? []);
    // Two of one: somebody in between takes one of them, and nobody knows which.
    if ((site?.length ?? 0) > 1 || (origin?.length ?? 0) > 1) return false;
    return site?.[0] === 'same-origin' || allowed.includes(origin?.[0] ?? '');
  };
  return {
    require(req) {
      if (!isOurs(req)) throw new ForbiddenOrigin();
    },
    refuseForeign(req) {
      if (req.headers.origin !== undefined && !isOurs(req)) throw new ForbiddenOrigin();
    },
  };
}
