import { expect } from 'chai';
import fc from 'fast-check';
import { pathOf } from '../../lib/http/return-to.js';

describe('where a browser is sent back to', () => {
  const appUrl = 'https://app.example.com';

  const good: [given: string, path: string][] = [
    ['/', '/'],
    ['/account', '/account'],
    ['/account?tab=2#top', '/account?tab=2#top'],
    ['account', '/account'],
    ['?tab=2', '/?tab=2'],
    ['https://app.example.com/account', '/account'],
    ['https://app.example.com:443/a', '/a'],
    ['/a/../b', '/b'],
    ['/a\\b', '/a/b'],
    // A path, to browsers too.
    ['https:evil.example', '/evil.example'],
    ['/é', '/%C3%A9'],
    ['/a?next=//evil.example', '/a?next=//evil.example'],
    ['/%2F/evil.example', '/%2F/evil.example'],
  ];
  for (const [given, path] of good) {
    it(`is ${path} for ${JSON.stringify(given)}`, () => {
      expect(pathOf(given, appUrl)).to.equal(path);
    });
  }

  const bad: unknown[] = [
    ...['', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '\\/evil.example'],
    ...['https://evil.example', 'http://app.example.com/'],
    ...[
      'https://app.example.com.evil.example/',
      'https://app.example.com@evil.example/',
      'https://user@app.example.com/',
    ],
    ...[
      'https://app.example.com:8443/',
      'javascript:alert(1)',
      'data:text/html,x',
      'blob:https://app.example.com/a',
    ],
    ...[
      '/\t/evil.example',
      '/\n/evil.example',
      '\t//evil.example',
      '/a\r\nSet-Cookie: a=b',
      '/a\u0000',
      '/a\u2028b',
      '/a\u0085',
    ],
    ...[
      '/.//evil.example',
      '/..//evil.example',
      '/a/..//evil.example',
      '/%2e//evil.example',
      'https://app.example.com//evil.example',
    ],
    ...['http://[', 'https://', undefined, null, 42, ['/a'], { path: '/a' }],
  ];
  for (const given of bad) {
    it(`is not ${JSON.stringify(given)} (hold 102)`, () => {
      expect(pathOf(given, appUrl)).to.equal(undefined);
    });
  }

  it('is of this origin for whatever a browser makes of it (hold 102)', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '//',
      '.',
      '..',
      '%2f',
      '%5c',
      ':',
      '@',
      '?',
      '#',
      'evil.example',
      'https:',
      '\t',
      ' ',
      'a',
    );
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' }), fc.webUrl()), (given) => {
        const path = pathOf(given, appUrl);
        if (path === undefined) return;
        // As a Location, from any page of the app.
        for (const page of ['/', '/auth/token', '/a/b?c']) {
          const target = new URL(path, new URL(page, appUrl));
          expect(target.origin).to.equal(appUrl);
          expect(target.pathname.startsWith('//')).to.equal(false);
        }
        expect(pathOf(path, appUrl)).to.equal(path);
      }),
      { numRuns: 5000 },
    );
  });
});
