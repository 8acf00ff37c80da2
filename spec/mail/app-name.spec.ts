import { expect } from 'chai';
import { appName } from '../../lib/mail/app-name.js';

describe('what the app is called in its mails', () => {
  const appUrl = 'https://app.example.com/app';
  const names: [from: string | undefined, appUrl: string | undefined, name: string][] = [
    ['Example <no-reply@example.com>', appUrl, 'Example'],
    ['  The Example App  <no-reply@example.com> ', appUrl, 'The Example App'],
    ['"Example, Inc." <no-reply@example.com>', appUrl, 'Example, Inc.'],
    ['"The \\"Example\\"" <no-reply@example.com>', appUrl, 'The "Example"'],
    ['L\u2019app <no-reply@example.com>', appUrl, 'L\u2019app'],
    ['<no-reply@example.com>', appUrl, 'app.example.com'],
    ['"" <no-reply@example.com>', appUrl, 'app.example.com'],
    ['no-reply@example.com', appUrl, 'app.example.com'],
    ['no-reply@example.com', 'http://localhost:3000', 'localhost:3000'],
    [undefined, appUrl, 'app.example.com'],
    ['no-reply@example.com', undefined, ''],
    [undefined, undefined, ''],
  ];
  for (const [from, url, name] of names) {
    it(`is ${JSON.stringify(name)} for ${from} and ${url}`, () => {
      expect(appName({ from, appUrl: url })).to.equal(name);
    });
  }
});
