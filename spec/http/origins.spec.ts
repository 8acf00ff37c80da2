import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import type { Request } from 'express';
import { anyOrigin, createOrigins } from '../../lib/http/origins.js';

describe('where a request comes from', () => {
  const origins = createOrigins(['https://app.example.com', 'https://admin.example.com']);
  /** As Node.js has the headers. */
  const asked = (lines: Record<string, string | string[]>) => {
    const headersDistinct: IncomingMessage['headersDistinct'] = {};
    for (const [name, value] of Object.entries(lines)) headersDistinct[name] = [value].flat();
    const headers = Object.fromEntries(
      Object.entries(lines).map(([name, value]) => [name, [value].flat().join(', ')]),
    );
    return { headers, headersDistinct } as unknown as Request;
  };
  const isRefused = (ask: () => void) => {
    try {
      ask();
      return false;
    } catch (error) {
      expect(error).to.include({ status: 403, code: 'forbidden_origin' });
      return true;
    }
  };

  type Case = [headers: Record<string, string | string[]>, isOurs: boolean, isForeign: boolean];
  const cases: Case[] = [
    [{ 'sec-fetch-site': 'same-origin' }, true, false],
    // A page that says no-referrer has no other origin to tell.
    [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, true, false],
    [{ origin: 'https://app.example.com' }, true, false],
    [{ origin: 'https://admin.example.com', 'sec-fetch-site': 'same-site' }, true, false],
    [{}, false, false],
    [{ 'sec-fetch-site': 'none' }, false, false],
    [{ 'sec-fetch-site': 'cross-site' }, false, false],
    [{ referer: 'https://app.example.com/' }, false, false],
    [{ origin: 'null' }, false, true],
    [{ origin: 'https://evil.example' }, false, true],
    [{ origin: 'http://app.example.com' }, false, true],
    [{ origin: 'https://app.example.com.evil.example' }, false, true],
    [{ origin: 'HTTPS://APP.EXAMPLE.COM' }, false, true],
    [{ origin: ['https://app.example.com', 'https://evil.example'] }, false, true],
    [{ origin: 'https://app.example.com', 'sec-fetch-site': ['same-origin', 'cross-site'] }, false, true],
  ];
  for (const [headers, isOurs, isForeign] of cases) {
    const words = `${isOurs ? 'a page of ours' : 'none of ours'}, ${isForeign ? 'and named' : 'and not refused'}`;
    it(`${JSON.stringify(headers)}: ${words} (hold 60)`, () => {
      expect(isRefused(() => origins.require(asked(headers)))).to.equal(!isOurs);
      expect(isRefused(() => origins.refuseForeign(asked(headers)))).to.equal(isForeign);
    });
  }

  it('is nothing to ask for where there are no cookies', () => {
    expect(isRefused(() => anyOrigin.require(asked({ origin: 'https://evil.example' })))).to.equal(false);
    expect(isRefused(() => anyOrigin.refuseForeign(asked({ origin: 'null' })))).to.equal(false);
  });
});
