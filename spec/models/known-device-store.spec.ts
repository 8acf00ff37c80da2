import { expect } from 'chai';
import {
  createKnownDeviceStore,
  KNOWN_DEVICES,
  type KnownDeviceStore,
} from '../../lib/models/known-device-store.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('the store of known devices', () => {
  let stores: TestStores;
  let devices: KnownDeviceStore;

  before(async () => {
    stores = await createTestStores();
    devices = createKnownDeviceStore(stores.collections.open(KNOWN_DEVICES));
  });
  after(() => stores.database.drop());

  const see = (user: string, device: string, seconds = 0) =>
    devices.see(user, device, { now: at(seconds), expiresAt: at(seconds + 100) });
  const rows = (user: string) =>
    stores.database.connection.collection('auth_known_devices').find({ user }).toArray();

  it('tells the first one of a user, those that are new, and those that are known', async () => {
    expect(await see('ada', 'Firefox on Linux')).to.equal('first');
    expect(await see('ada', 'Firefox on Linux', 1)).to.equal('known');
    expect(await see('ada', 'Safari on iOS', 2)).to.equal('new');
    expect(await see('ada', 'Safari on iOS', 3)).to.equal('known');
    expect(await see('grace', 'Safari on iOS', 3)).to.equal('first');
    // Whoever is called as an operator is.
    expect(await see('ada', '$ne', 4)).to.equal('new');
  });

  it('keeps when each was seen last, for its time', async () => {
    await see('kept', 'a', 0);
    await see('kept', 'a', 50);
    const [row, ...others] = await rows('kept');
    expect(others).to.deep.equal([]);
    expect(row).to.deep.include({ device: 'a', lastSeenAt: at(50), expiresAt: at(150), kind: 'users' });
    expect(await see('kept', 'a', 149)).to.equal('known');
  });

  it('knows none that has expired, whether or not it was cleared away', async () => {
    await see('expired', 'a', 0);
    await see('expired', 'b', 1);
    expect(await see('expired', 'a', 100)).to.equal('new');
    expect(await see('expired', 'c', 1000)).to.equal('first');
    expect((await rows('expired')).map(({ device }) => device)).to.have.members(['a', 'b', 'c']);
  });

  it('tells one of many at once', async () => {
    await see('many', 'a');
    const told = await Promise.all(Array.from({ length: 20 }, () => see('many', 'b')));
    expect(told.filter((each) => each === 'new')).to.have.length(1);
    expect(await rows('many')).to.have.length(2);
  });

  it('forgets one', async () => {
    await see('forgetful', 'a');
    await see('forgetful', 'b');
    await devices.forget('forgetful', 'b');
    expect(await see('forgetful', 'b')).to.equal('new');
    expect(await see('forgetful', 'a')).to.equal('known');
  });
});
