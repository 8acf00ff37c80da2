import { expect } from 'chai';
import { Schema } from 'mongoose';
import { holdCommands, holdNextRead } from '../conformance/hold-back.js';
import { recordCommands } from './commands.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { failureOf } from './failure.js';
import { failCommands } from './intercept-commands.js';

describe('a command', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  const things = () => database.connection.collection<{ _id: number; of: string }>('things');
  const thingsAsModel = () =>
    database.connection.model('Thing', new Schema({ _id: Number, of: String }), 'things');

  it('that is to fail is not sent, whether mongoose or the driver sends it; others are', async () => {
    const model = thingsAsModel();
    await model.init();
    await things().insertOne({ _id: 1, of: 'one' });
    const { failed, heal } = failCommands(({ name }) => name === 'delete', 1);
    try {
      const commands = await recordCommands(database.connection, async () => {
        await model.deleteOne({ _id: 2 });
        for (const run of [() => model.deleteMany({ _id: 1 }), () => things().deleteOne({ _id: 1 })]) {
          expect((await failureOf(run)).message).to.equal('cut off');
        }
        expect(await model.findById(1).lean()).to.deep.equal({ _id: 1, of: 'one' });
      });
      expect(commands.map(({ name }) => name)).to.deep.equal(['delete', 'find']);
    } finally {
      heal();
    }
    expect(failed.map(({ filters }) => filters)).to.deep.equal([[{ _id: 1 }], [{ _id: 1 }]]);
    expect(await things().deleteOne({ _id: 1 })).to.include({ deletedCount: 1 });
  });

  it('that is held back is carried out when it is released', async () => {
    await things().insertOne({ _id: 1, of: 'one' });
    const hold = holdCommands(({ name }) => name === 'delete');
    const deleting = thingsAsModel().deleteOne({ _id: 1 }).exec();
    await hold.reached;
    await things().insertOne({ _id: 2, of: 'two' });
    expect(await things().countDocuments()).to.equal(2);
    hold.release();
    expect(await deleting).to.include({ deletedCount: 1 });
    expect(await things().countDocuments()).to.equal(1);
  });

  it('that reads may be answered later, with what was there before; the next is answered at once', async () => {
    await things().insertOne({ _id: 1, of: 'one' });
    const model = thingsAsModel();
    const hold = holdNextRead('things');
    const reading = model.findOne({ _id: 1 }).lean().exec();
    await hold.reached;
    await things().updateOne({ _id: 1 }, { $set: { of: 'two' } });
    expect(await model.findOne({ _id: 1 }).lean()).to.deep.equal({ _id: 1, of: 'two' });
    hold.release();
    expect(await reading).to.deep.equal({ _id: 1, of: 'one' });
  });
});
