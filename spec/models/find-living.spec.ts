import { expect } from 'chai';
import type { AuthError } from '../../lib/errors.js';
import { findLiving } from '../../lib/models/find-living.js';
import type { Session } from '../../lib/models/session-store.js';
import type { UserDocument } from '../../lib/models/user.js';
import { failureOf } from '../support/failure.js';

type Found = Pick<UserDocument, 'securityStamp' | 'disabledAt'> | undefined;

/** What is found at the first read, at the second, ...; the last stays. */
function readsOf(users: Found[], sessions: string[][][]) {
  const asked: string[] = [];
  const next = <T>(name: string, found: T[]) => {
    asked.push(name);
    return (found.length > 1 ? found.shift() : found[0]) as T;
  };
  return {
    asked,
    user: async () => next('user', users) as UserDocument | undefined,
    sessions: async () => next('sessions', sessions).map((stamps) => ({ stamps }) as Session),
  };
}
const under = (securityStamp: string | null, disabledAt: Date | null = null): Found => ({
  securityStamp,
  disabledAt,
});
const stampsOf = async (reads: ReturnType<typeof readsOf>) =>
  (await findLiving(reads))?.sessions.map(({ stamps }) => stamps);

// The courses that lead to these are in conformance/session-that-goes-on.spec.ts.
describe('findLiving', () => {
  it('asks once for each where all live', async () => {
    const reads = readsOf([under('a')], [[['a'], ['a', 'b']]]);
    expect(await stampsOf(reads)).to.deep.equal([['a'], ['a', 'b']]);
    expect(reads.asked).to.deep.equal(['user', 'sessions']);
  });

  it('leaves out those that do not know the stamp, once it is certain that none has come meanwhile', async () => {
    const reads = readsOf([under('b')], [[['a'], ['b']]]);
    expect(await stampsOf(reads)).to.deep.equal([['b']]);
    expect(reads.asked).to.deep.equal(['user', 'sessions', 'sessions', 'user']);
  });

  it('finds one that was told the new stamp after the user was read', async () => {
    expect(await stampsOf(readsOf([under('a'), under('b')], [[['b']]]))).to.deep.equal([['b']]);
  });

  it('finds one that was read before it was told the stamp that the user has', async () => {
    expect(await stampsOf(readsOf([under('b')], [[['a']], [['a', 'b']]]))).to.deep.equal([['a', 'b']]);
  });

  it('goes on where the stamp changes, up to five times', async () => {
    const stamps = [...'abcde'];
    const late = (count: number) =>
      readsOf(
        stamps.slice(0, count).map((stamp) => under(stamp)),
        stamps.slice(1, count).map((stamp) => [[stamp]]),
      );
    expect(await stampsOf(late(5))).to.deep.equal([['e']]);
    stamps.push('f');
    expect((await failureOf<AuthError>(() => findLiving(late(6)))).code).to.equal('unavailable');
  });

  it('begins with what was read already', async () => {
    const reads = readsOf([under('b')], [[['b']]]);
    const first = [under('a') as UserDocument, [{ stamps: ['b'] } as Session]] as const;
    expect((await findLiving(reads, first))?.user).to.deep.equal(under('b'));
    expect(reads.asked).to.deep.equal(['sessions', 'user']);
  });

  it('takes no stamp for the empty one', async () => {
    expect(await stampsOf(readsOf([under(null)], [[[''], ['a']]]))).to.deep.equal([['']]);
  });

  it('gives nobody who is disabled or gone, whenever that is', async () => {
    expect(await findLiving(readsOf([undefined], [[['a']]]))).to.equal(undefined);
    expect(await findLiving(readsOf([under('a', new Date())], [[['a']]]))).to.equal(undefined);
    expect(await findLiving(readsOf([under('a'), undefined], [[['b']]]))).to.equal(undefined);
    expect(await findLiving(readsOf([under('a'), under('b', new Date())], [[['b']]]))).to.equal(undefined);
  });

  it('gives the user though there is no session', async () => {
    const living = await findLiving(readsOf([under('a')], [[]]));
    expect(living).to.deep.equal({ user: under('a'), sessions: [] });
  });
});
