import { expect } from 'chai';
import { describeDevice, knownDevice } from '../../lib/accounts/describe-device.js';
import { hasInvisible } from '../../lib/security/invisible-characters.js';

const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0';

const DEVICES: [userAgent: string, device: string | null][] = [
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Windows'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME} Safari/537.36`, 'Chrome on macOS'],
  [`Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, 'Chrome on Android'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/126.0.0.0`,
    'Microsoft Edge on Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36',
    'Samsung Internet for Android',
  ],
  ['curl/8.5.0', 'curl'],
  ['Shop/1.2 (iPhone; iOS 17.5; Scale/3.00)', 'Shop on iOS'],
  ['Shop/42 CFNetwork/1410.0.3 Darwin/22.6.0', 'Shop'],
  ['(Windows NT 10.0)', 'Windows'],
  ['Mozilla/5.0', null],
  ['Mozilla/5.0 (compatible)', null],
  ['node', null],
  [' ', null],
  ['', null],
];

describe('describeDevice', () => {
  for (const [userAgent, device] of DEVICES) {
    it(`calls ${userAgent.slice(0, 60) || 'an empty one'} ${device ?? 'nothing'}`, async () => {
      expect(await describeDevice(userAgent)).to.equal(device);
    });
  }

  it('knows nothing of none', async () => {
    expect(await describeDevice(null)).to.equal(null);
  });

  it('makes no words of what is no name: a name is short, and a plain one', async () => {
    for (const product of ['<b>Bank</b>', 'a\u00ad', 'x'.repeat(41), '"', 'Your bank: call 555']) {
      for (const rest of ['/1.0', '/1.0 (x)', '/1 (Windows)']) {
        const device = await describeDevice(product + rest);
        expect(device, product).to.be.oneOf([null, 'Windows']);
        expect(hasInvisible(device ?? '')).to.equal(false);
      }
    }
  });
});

describe('knownDevice', () => {
  const known: [userAgent: string | null, device: string | null][] = [
    [DEVICES[0]?.[0] ?? null, 'Firefox on Windows'],
    ['Mozilla/5.0 (Windows NT 10.0)', 'Windows'],
    ['Shop/1.2 (iPhone; iOS 17.5; Scale/3.00)', 'iOS'],
    ['evil.example/1.0', null],
    ['Call-33123456/1.0', null],
    ['', null],
    [null, null],
  ];
  for (const [userAgent, device] of known) {
    it(`calls ${userAgent?.slice(0, 60) || 'none'} ${device ?? 'nothing'}`, async () => {
      expect(await knownDevice(userAgent)).to.equal(device);
    });
  }
});
