import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import { byId } from '../../lib/models/by-id.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('the condition of an id', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  for (const collation of [undefined, { locale: 'en', strength: 2 }]) {
    const what = collation ? 'a collation' : 'no collation';
    it(`finds one document by its index, with ${what} (hold 73)`, async () => {
      const options = (collation ? { collation } : {}) as object;
      const model = database.connection.model(what, new Schema({ _id: String }, options));
      await model.createCollection();
      await model.insertMany(Array.from({ length: 50 }, (_, index) => ({ _id: `User${index}` })));
      expect(await model.findOne(byId('User7')).lean()).to.include({ _id: 'User7' });
      expect(await model.findOne(byId('user7')).lean()).to.equal(null);
      const explained = await model.findOne(byId('User7')).explain('executionStats');
      const { executionStats } = explained as unknown as { executionStats: { totalDocsExamined: number } };
      expect(executionStats.totalDocsExamined).to.equal(1);
    });
  }

  it('is the id alone, where no collation touches it', () => {
    for (const id of [7, new mongoose.Types.ObjectId()]) expect(byId(id)).to.deep.equal({ _id: id });
  });
});
