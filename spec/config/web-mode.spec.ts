import { expect } from 'chai';
import { checkCookies, checkOrigins } from '../../lib/config/web-mode.js';
import { expectStartRefused } from '../support/failure.js';

describe('the options of web mode', () => {
  const appUrl = 'https://app.example.com';

  it('are off where nothing is given', () => {
    for (const given of [undefined, 'off', false]) expect(checkCookies('cookies', given, {})).to.equal(false);
    expect(checkOrigins('allowedOrigins', undefined)).to.deep.equal([]);
  });

  it('need to know how the app is served', () => {
    for (const given of ['on', true]) {
      expect(checkCookies('cookies', given, { appUrl })).to.equal(true);
      expect(expectStartRefused(() => checkCookies('cookies', given, {}))).to.equal(
        'appUrl (or AUTH_APP_URL): required with cookies; allowed: https, or a loopback address',
      );
    }
  });

  for (const loopback of [
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://127.1.2.3:80',
    'http://[::1]:3000',
  ]) {
    it(`take ${loopback}, which never leaves the machine`, () => {
      expect(checkCookies('cookies', true, { appUrl: loopback })).to.equal(true);
    });
  }

  for (const plain of ['http://app.example.com', 'http://localhost.example.com', 'http://10.0.0.1']) {
    it(`refuse ${plain}: whoever is on the way would have the cookies`, () => {
      expect(expectStartRefused(() => checkCookies('cookies', 'on', { appUrl: plain }))).to.equal(
        `appUrl: "${plain}" given; allowed: https, or a loopback address, with cookies`,
      );
    });
  }

  it('refuse another word', () => {
    expect(expectStartRefused(() => checkCookies('cookies', 'yes', { appUrl }))).to.match(/"yes" given/);
  });

  it('take origins as browsers name them', () => {
    const origins = ['https://admin.example.com', 'http://localhost:5173'];
    expect(checkOrigins('allowedOrigins', origins)).to.deep.equal(origins);
  });

  for (const wrong of [
    'https://admin.example.com/',
    'https://admin.example.com:443',
    'https://Admin.example.com',
    'admin.example.com',
    '*',
    'null',
    'file:///',
    42,
  ]) {
    it(`refuse the origin ${wrong}, which no browser names so`, () => {
      expect(expectStartRefused(() => checkOrigins('allowedOrigins', [wrong]))).to.match(
        /^allowedOrigins: .+ given; allowed: origins as browsers name them/,
      );
    });
  }

  it('refuse one that is no list', () => {
    expect(expectStartRefused(() => checkOrigins('allowedOrigins', appUrl))).to.match(/allowed: an array/);
  });
});
