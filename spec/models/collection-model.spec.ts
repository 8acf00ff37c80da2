import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import { collectionModel } from '../../lib/models/collection-model.js';

describe('the model of a collection of the kit', () => {
  const rows = { model: 'Row', collection: 'rows', schema: new Schema({ text: String }) };

  it('is made once for a connection', () => {
    const [connection, other] = [mongoose.createConnection(), mongoose.createConnection()];
    const model = collectionModel(connection, rows);
    expect([model.modelName, model.collection.collectionName, model.db]).to.deep.equal([
      'Row',
      'rows',
      connection,
    ]);
    expect(collectionModel(connection, rows)).to.equal(model);
    expect(collectionModel(other, rows)).to.not.equal(model);
  });
});
