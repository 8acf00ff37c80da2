import { expect } from 'chai';
import { kindOfNewUsers } from '../../lib/cli/new-user-fields.js';
import { failureOf } from '../support/failure.js';

const kind = (discriminators: (string | undefined)[], given?: string, hasOtherIds = false) =>
  kindOfNewUsers({ kinds: async () => ({ discriminators, hasOtherIds }) }, given);

describe('kindOfNewUsers', () => {
  it('takes the kind that all users have', async () => {
    expect((await kind(['User'])).fields).to.deep.equal({ __t: 'User' });
    expect((await kind([undefined])).fields).to.deep.equal({});
  });

  it('takes the kind that is named', async () => {
    expect((await kind(['User', 'Admin'], 'Admin')).fields).to.deep.equal({ __t: 'Admin' });
    expect(await kind([], 'User')).to.deep.equal({ fields: { __t: 'User' }, needsId: undefined });
  });

  it('warns where there is nothing to go by', async () => {
    expect((await kind([])).warning).to.include('--discriminator');
    expect((await kind(['User'])).warning).to.equal(undefined);
  });

  it('asks which one where there are several', async () => {
    const failure = await failureOf(() => kind([undefined, 'Admin']));
    expect(failure).to.include({ exitCode: 2 });
    expect(failure.message).to.include('none, Admin');
  });

  it('says that ids of another kind are the business of the app', async () => {
    expect((await kind(['User'], undefined, true)).needsId).to.include('ObjectIds');
  });
});
