import { expect } from 'chai';
import { Types } from 'mongoose';
import { parseExtendedJson } from '../../lib/models/extended-json.js';

describe('parseExtendedJson', () => {
  it('reads ids and dates as what they are', () => {
    const id = new Types.ObjectId();
    const text = `{"_id":{"$oid":"${id}"},"at":{"$date":"2020-01-02T03:04:05Z"},"n":1,"list":["a"]}`;
    expect(parseExtendedJson(text)).to.deep.equal({
      _id: id,
      at: new Date('2020-01-02T03:04:05Z'),
      n: 1,
      list: ['a'],
    });
  });

  it('refuses what is none', () => {
    expect(() => parseExtendedJson('{"a":')).to.throw(SyntaxError);
    expect(() => parseExtendedJson('{"_id":{"$oid":"x"}}')).to.throw();
  });
});
