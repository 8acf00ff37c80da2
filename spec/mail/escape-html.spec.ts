import { expect } from 'chai';
import { escapeHtml } from 'express-auth-kit';

describe('escapeHtml', () => {
  it('escapes the five characters, each time they come', () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;</a>`)).to.equal(
      '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;',
    );
  });

  it('leaves everything else as it is', () => {
    expect(escapeHtml('Jean \u00c9lodie \u{1f600} `$&` \n')).to.equal(
      'Jean \u00c9lodie \u{1f600} `$&amp;` \n',
    );
    expect(escapeHtml('')).to.equal('');
  });
});
