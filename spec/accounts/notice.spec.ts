import { expect } from 'chai';
import { noticeOf } from '../../lib/accounts/notice.js';
import { NO_REQUEST } from '../../lib/config/hooks.js';

describe('what a notice tells of the request', () => {
  const core = { now: () => new Date('2026-11-29T04:05:00Z') };

  it('is when, from which device, and in which language it was read', async () => {
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0';
    const context = { ip: '203.0.113.7', userAgent, acceptLanguage: 'fr' };
    expect(await noticeOf(core, context)).to.deep.equal({
      when: core.now(),
      device: 'Firefox on Linux',
      ip: '203.0.113.7',
      acceptLanguage: 'fr',
    });
  });

  it('is when it was, where there was none', async () => {
    expect(await noticeOf(core, NO_REQUEST)).to.deep.equal({
      when: core.now(),
      device: null,
      ip: null,
      acceptLanguage: null,
    });
  });
});
