import { expect } from 'chai';
import { createTokenStore, type HeldTokens } from '../../lib/client/token-store.js';
import { createMapStorage } from '../support/map-storage.js';

const held = (name: string): HeldTokens => ({
  access_token: `access ${name}`,
  refresh_token: `refresh ${name}`,
  renewAt: 1,
  login: 2,
});

const full = () => {
  throw new DOMException('full', 'QuotaExceededError');
};

describe('createTokenStore', () => {
  it('keeps them in memory by default', () => {
    const store = createTokenStore('key');
    expect(store.read()).to.equal(undefined);
    store.write(held('a'));
    expect(store.read()).to.deep.equal(held('a'));
    store.write();
    expect(store.read()).to.equal(undefined);
  });

  it('keeps them in the storage, where another tab finds them', () => {
    const storage = createMapStorage();
    const [one, other] = [createTokenStore('key', storage), createTokenStore('key', storage)];
    one.write(held('a'));
    expect([...storage.entries.keys()]).to.deep.equal(['key']);
    expect(other.read()).to.deep.equal(held('a'));
    other.write();
    expect(one.read()).to.equal(undefined);
    expect(storage.entries.size).to.equal(0);
  });

  it('takes what is no pair for nothing', () => {
    const storage = createMapStorage();
    const store = createTokenStore('key', storage);
    for (const text of [
      '',
      '{',
      'null',
      '42',
      '{}',
      '{"access_token":"x"}',
      '{"access_token":"","refresh_token":"x"}',
    ]) {
      storage.entries.set('key', text);
      expect(store.read(), text).to.equal(undefined);
    }
  });

  it('goes on in memory where the storage throws', () => {
    const store = createTokenStore('key', { getItem: full, setItem: full, removeItem: full });
    expect(store.read()).to.equal(undefined);
    store.write(held('a'));
    expect(store.read()).to.deep.equal(held('a'));
    store.write();
    expect(store.read()).to.equal(undefined);
  });

  it('leaves no replaced tokens in a storage that is full, and uses it again when it is not', () => {
    const storage = createMapStorage();
    const store = createTokenStore('key', storage);
    store.write(held('a'));
    const { setItem } = storage;
    storage.setItem = full;
    store.write(held('b'));
    expect(store.read()).to.deep.equal(held('b'));
    expect(storage.entries.size).to.equal(0);
    storage.setItem = setItem;
    store.write(held('c'));
    expect(createTokenStore('key', storage).read()).to.deep.equal(held('c'));
  });

  it('forgets them for itself where a storage cannot forget', () => {
    const storage = { ...createMapStorage(), removeItem: full };
    const store = createTokenStore('key', storage);
    store.write(held('a'));
    store.write();
    expect(store.read()).to.equal(undefined);
  });

  it('reads on from memory what the storage cannot tell for once', () => {
    const storage = createMapStorage();
    const store = createTokenStore('key', storage);
    store.write(held('a'));
    const { getItem } = storage;
    storage.getItem = full;
    expect(store.read()).to.deep.equal(held('a'));
    storage.getItem = getItem;
    expect(store.read()).to.deep.equal(held('a'));
  });
});
