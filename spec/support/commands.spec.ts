import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import { recordCommands } from './commands.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { failureOf } from './failure.js';

describe('recordCommands', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('tells what the database was told to do, where, and what it looked for', async () => {
    const model = database.connection.model('Thing', new Schema({ of: String }), 'things');
    await model.init();
    const commands = await recordCommands(database.connection, async () => {
      await model.create({ of: 'one' });
      await model.findOne({ of: 'one' }).lean();
      await model.aggregate([{ $match: { of: 'a' } }]);
      await model.updateOne({ of: 'b' }, { of: 'c' });
      await model.findOneAndUpdate({ of: 'd' }, { of: 'e' });
      await model.deleteMany({ of: 'f' });
      await model.bulkWrite([{ deleteOne: { filter: { of: 'g' } } }, { deleteOne: { filter: { of: 'h' } } }]);
      await model.collection.find().toArray();
      await database.connection.collection('others').countDocuments({ of: 'i' });
    });
    const told = commands.map(({ name, collection, filters }) => [`${name} ${collection}`, filters]);
    expect(told).to.deep.equal([
      ['insert things', []],
      ['find things', [{ of: 'one' }]],
      ['aggregate things', [{ of: 'a' }]],
      ['update things', [{ of: 'b' }]],
      ['findAndModify things', [{ of: 'd' }]],
      ['delete things', [{ of: 'f' }]],
      ['delete things', [{ of: 'g' }, { of: 'h' }]],
      ['find things', [{}]],
      ['aggregate others', [{ of: 'i' }]],
    ]);
  });

  it('ends when what it watches has ended, well or not, and leaves indexes out', async () => {
    const { connection } = database;
    const fault = new Error('fault');
    const failure = await failureOf(() => recordCommands(connection, () => Promise.reject(fault)));
    expect(failure).to.equal(fault);
    const commands = await recordCommands(connection, () =>
      connection.collection('things').createIndex('of'),
    );
    await connection.collection('things').findOne();
    expect(commands).to.deep.equal([]);
  });

  it('does not take a connection that tells nothing for one that is told nothing', async () => {
    const silent = await mongoose.createConnection(database.uri).asPromise();
    try {
      const { message } = await failureOf(() => recordCommands(silent, () => {}));
      expect(message).to.equal('The connection was made without monitorCommands.');
    } finally {
      await silent.close();
    }
  });
});
