import { expect } from 'chai';
import { baseUserPlugin } from 'express-auth-kit';
import { Schema, type SchemaDefinition, type SchemaDefinitionProperty } from 'mongoose';
import { publicUser } from '../../lib/models/public-user.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const { ObjectId } = Schema.Types;
/** Not before mongoose 8.18. */
const { Union } = Schema.Types as { Union?: SchemaDefinitionProperty };
const SECRET = { label: 'shown', pin: 'SECRET' };
const SHOWN = { label: 'shown' };
const pin = { type: String, select: false };
const part = new Schema({ label: String, pin }, { _id: false });

/** What a schema of an app's may declare `select: false`, and where. */
describe('what is select: false', () => {
  let database: TestDatabase;
  let count = 0;

  before(async () => {
    database = await createTestDatabase();
    const team = new Schema({ label: String, pin, deep: { pin }, lead: { type: ObjectId, ref: 'Team' } });
    database.connection.model('Team', team);
  });
  after(() => database.drop());

  function modelOf(definition: SchemaDefinition) {
    const schema = new Schema(definition);
    schema.plugin(baseUserPlugin);
    count += 1;
    // biome-ignore lint/suspicious/noExplicitAny: a plugged-in schema, which mongoose does not type
    return database.connection.model<any>(`User${count}`, schema);
  }
  const email = () => `user-${count}@example.com`;

  const shapes: Record<string, [definition: SchemaDefinition, value: unknown, shown: unknown]> = {
    'a subdocument': [{ field: part }, SECRET, SHOWN],
    'a subdocument in a nested object': [{ field: { one: part } }, { one: SECRET }, { one: SHOWN }],
    'an array of subdocuments': [{ field: [part] }, [SECRET, SECRET], [SHOWN, SHOWN]],
    'an array of arrays': [{ field: [[part]] }, [[SECRET], [SECRET]], [[SHOWN], [SHOWN]]],
    'an array of texts that are': [{ field: [pin] }, ['SECRET'], undefined],
    'a map of arrays': [{ field: { type: Map, of: [part] } }, { a: [SECRET] }, { a: [SHOWN] }],
    'a map of texts that are': [{ field: { type: Map, of: pin } }, { a: 'SECRET' }, undefined],
    ...(Union && {
      'a union': [{ field: { type: Union, of: [Number, part] } }, SECRET, SHOWN],
      'a union of which one is': [{ field: { type: Union, of: [Number, pin] } }, 'SECRET', undefined],
      'an array of unions': [
        { field: [{ type: Union, of: [Number, part] }] as never },
        [1, SECRET],
        [1, SHOWN],
      ],
    }),
  };
  for (const [what, [definition, value, shown]] of Object.entries(shapes)) {
    it(`is not shown in ${what} (hold 82)`, () => {
      const model = modelOf(definition);
      // As after a registration: the document at hand has all that was set.
      const user = new model({ email: email(), field: value });
      expect(JSON.stringify(user.toObject({ flattenMaps: true }))).to.include('SECRET');
      const { field, ...others } = JSON.parse(JSON.stringify(publicUser(user)));
      expect(field).to.deep.equal(shown);
      expect(JSON.stringify(others)).to.not.include('SECRET');
    });
  }

  describe('in a document that was populated', () => {
    const team = { type: ObjectId, ref: 'Team' };
    const definition = {
      team,
      teams: [team],
      byName: { type: Map, of: team },
      nested: { team },
      parts: [new Schema({ team }, { _id: false })],
      kind: String,
      any: { type: ObjectId, refPath: 'kind' },
    };
    const paths = 'team teams byName.$* nested.team parts.team any';

    async function populated(options: { lean: boolean }) {
      const Team = database.connection.model('Team');
      const deep = { pin: 'SECRET' };
      const lead = await Team.create({ ...SECRET, deep });
      const { _id } = await Team.create({ ...SECRET, deep, lead });
      const model = modelOf(definition);
      const ids = {
        team: _id,
        teams: [_id],
        byName: { a: _id },
        nested: { team: _id },
        any: _id,
        kind: 'Team',
      };
      const { _id: own } = await model.create({ ...ids, parts: [{ team: _id }], email: email() });
      const select = '+pin +deep.pin';
      const lead_ = { path: 'lead', select, options };
      const user = await model.findById(own).populate({ path: paths, select, options, populate: lead_ });
      expect(JSON.stringify(user.toObject())).to.include('SECRET');
      return { json: JSON.parse(JSON.stringify(publicUser(user))), team: String(_id), lead: lead.id };
    }

    it('is not shown, however it hangs on the user (hold 82)', async () => {
      const { json, team, lead } = await populated({ lean: false });
      const shown = {
        _id: team,
        label: 'shown',
        deep: {},
        lead: { _id: lead, label: 'shown', deep: {}, __v: 0 },
        __v: 0,
      };
      expect(json).to.deep.include({
        team: shown,
        teams: [shown],
        byName: { a: shown },
        nested: { team: shown },
        parts: [{ team: shown }],
        any: shown,
      });
    });

    it('is not shown where lean has left no schema: of those the id is (hold 82)', async () => {
      const { json, team } = await populated({ lean: true });
      expect(JSON.stringify(json)).to.not.include('SECRET');
      expect(json).to.deep.include({
        team,
        teams: [team],
        nested: { team },
        parts: [{ team }],
        any: team,
      });
    });

    it('is not shown of another user, who is a public one (hold 82)', async () => {
      const name = `User${count + 1}`;
      const model = modelOf({ pin, friend: { type: ObjectId, ref: name } });
      const secrets = { pin: 'SECRET', securityStamp: 'SECRET', disabledAt: new Date(0) };
      const friend = await model.create({ email: `friend-${email()}`, ...secrets });
      const { _id } = await model.create({ email: email(), friend: friend._id });
      const select = '+pin +securityStamp';
      const user = await model.findById(_id).populate({ path: 'friend', select });
      expect(user.friend).to.deep.include(secrets);
      expect(publicUser(user)['friend']).to.deep.equal(publicUser(friend));
      expect(JSON.stringify(publicUser(user))).to.not.match(/SECRET|disabledAt|_id|__v/);
    });

    it('leaves null where there is nobody', async () => {
      const model = modelOf({ team });
      const gone = new (database.connection.model('Team'))();
      const { _id } = await model.create({ email: email(), team: gone._id });
      expect(publicUser(await model.findById(_id).populate('team'))).to.include({ team: null });
    });
  });
});
