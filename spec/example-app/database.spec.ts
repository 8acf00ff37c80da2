import { expect } from 'chai';
import { openDatabase } from '../../example-app/database.js';

describe("the example app's database", () => {
  it('by a URI that is none is refused without a word of it', async () => {
    for (const uri of ['mongodb://app:hunter2@:/?x', 'http://hunter2', 'hunter2', 'mongodb://h/?hunter2=1']) {
      const thrown = await openDatabase({ uri, dataFolder: 'not used' }).catch((error) => error);
      expect(thrown.message, uri).to.match(/^MONGODB_URI: not a URI that MongoDB takes; allowed: .*$/);
      expect(thrown).to.have.property('name', 'StartError');
    }
  });
});
