import mongoose, {
  type Connection,
  type Model,
  type PipelineStage,
  type Query,
  Schema,
  type SchemaDefinition,
  Types,
  type UpdateQuery,
} from 'mongoose';
import { DEADLINE, duplicateKey, MAJORITY, onDatabase, WRITE } from './database.js';

/**
 * A collection of the kit's or of a feature. Beside the fields of its own every row has `_id`, `user` (whose it is, if it
 * is somebody's: the user's `_id`, not its text) and `kind`, which the kit fills in. Rows with a field `expiresAt` are
 * tidied away after it; what reads one checks it itself.
 */
export interface CollectionDefinition {
  /** Its name in the database: `auth_sessions`. */
  name: string;
  fields: SchemaDefinition;
  /** Beside the one by user. A unique one without `kind` among its keys holds over all kinds of users. */
  indexes?: readonly { keys: Readonly<Record<string, 1 | -1>>; unique?: boolean }[];
}

/**
 * Conditions of a query. An object among its values is data, unless it is marked by {@link trusted}. A value that a field
 * cannot have fits no row.
 */
export type Filter = Readonly<Record<string, unknown>>;

export type Stored<Row> = Row & { _id: Types.ObjectId };

/** How rows are listed. */
export interface ListOptions {
  /** By `_id`, which is the order of their making, unless it is said. */
  sort?: Record<string, 1 | -1>;
  /** How many at most; 100 by default. */
  limit?: number;
}

/**
 * The rows of one kind of users. Written by majority and read from the primary, each call one command, which is given
 * up after 2.5 s.
 *
 * All throw Unavailable (`unavailable`, 503) when the database is away. What stores values throws mongoose's
 * `ValidationError` or `CastError` for those that the fields cannot have: check first what comes from a client.
 */
export interface Collection<Row> {
  /** Waits for the indexes. @throws MongoServerError where a unique index has it already: see `isDuplicate` */
  insert(row: Row): Promise<Stored<Row>>;
  /** One row. */
  find(filter: Filter): Promise<Stored<Row> | undefined>;
  list(filter: Filter, options?: ListOptions): Promise<Stored<Row>[]>;
  count(filter: Filter): Promise<number>;
  /** One conditional write to one row. @returns the row as it is now; undefined when none fits the filter */
  update(filter: Filter, change: UpdateQuery<Row> | PipelineStage[]): Promise<Stored<Row> | undefined>;
  /** One write to all rows that fit. @returns how many there were */
  updateAll(filter: Filter, change: UpdateQuery<Row>): Promise<number>;
  /**
   * Writes to the row that the filter names, or makes it. Waits for the indexes.
   *
   * @param change values, operators such as `$inc`, or a pipeline
   * @returns the row as it is now
   * @throws as `insert`: of two that make the row at once, one may meet the other's
   */
  upsert(filter: Filter, change: UpdateQuery<Row> | PipelineStage[]): Promise<Stored<Row>>;
  /** Finds and deletes one row: of many at once one gets it. */
  take(filter: Filter): Promise<Stored<Row> | undefined>;
  /** Deletes all rows that fit. @returns how many there were */
  remove(filter: Filter): Promise<number>;
}

/**
 * Marks operators of ours in a filter: all other objects in it are data, a client's above all.
 *
 * @example
 * await codes.find({ user: user._id, expiresAt: trusted({ $gt: kit.now() }) });
 */
export const { trusted } = mongoose;
const { sanitizeFilter } = mongoose;

interface CollectionParts {
  connection: Connection;
  /** The users' collection: two kinds of users may have the same ids. */
  kind: string;
  /** Resolves when the indexes stand. */
  ready(): Promise<void>;
}

/** What the kit fills in itself. */
const RESERVED = ['_id', 'user', 'kind'];

const definitions = new WeakMap<object, CollectionDefinition>();

/**
 * The model of a collection: made once for a connection, however many routers share it.
 *
 * @throws Error when another router has defined the collection in another way
 */
export function modelOf<Row>(connection: Connection, definition: CollectionDefinition): Model<Row> {
  // A model of the app's own may have the name of the collection.
  const name = `express-auth-kit ${definition.name}`;
  const existing = connection.models[name] as Model<Row> | undefined;
  if (!existing) {
    const model = connection.model(name, schemaOf(definition), definition.name) as unknown as Model<Row>;
    definitions.set(model, definition);
    return model;
  }
  if (outlineOf(definition) !== outlineOf(definitions.get(existing) as CollectionDefinition)) {
    throw new Error(`another router has defined the collection ${definition.name} in another way`);
  }
  return existing;
}

function outlineOf({ fields, indexes }: CollectionDefinition): string {
  return JSON.stringify([Object.keys(fields), indexes]);
}

function schemaOf({ name, fields, indexes = [] }: CollectionDefinition): Schema {
  const reserved = RESERVED.filter((field) => field in fields);
  if (reserved.length > 0) throw new TypeError(`${name}: the kit keeps ${reserved.join(', ')} itself`);
  const common = {
    // Mixed: the id is of whichever type the app's user model gives it.
    user: Schema.Types.Mixed,
    kind: { type: String, required: true },
  };
  const schema = new Schema(
    { ...common, ...fields },
    {
      collection: name,
      // Texts are compared as they are, whatever the database or the app's own schemas have for a default.
      collation: { locale: 'simple' },
      versionKey: false,
      minimize: false,
      writeConcern: MAJORITY,
      read: 'primary',
    },
  );
  // In the order of their making too: ids begin with the time.
  const byUser = { user: 1, kind: 1, _id: 1 } as const;
  const isByUser = ({ keys }: { keys: object }) => Object.keys(keys).slice(0, 2).join() === 'user,kind';
  if (!indexes.some(isByUser)) schema.index(byUser);
  for (const { keys, unique = false } of indexes) schema.index(keys, unique ? { unique } : {});
  if ('expiresAt' in fields) schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  schema.pre<Query<unknown, unknown>>(/^(count|find|update|delete)/, function () {
    this.maxTimeMS(DEADLINE);
  });
  return schema;
}

export function createCollection<Row>(
  definition: CollectionDefinition,
  { connection, kind, ready }: CollectionParts,
): Collection<Row> {
  const model = modelOf<Row>(connection, definition);

  const of = (filter: Filter) => ({ ...asData(filter), kind });

  /** Runs a query by a filter; gives what there is where the filter has a value that no row can have. */
  const where = async <Found>(
    filter: Filter,
    nothing: Found,
    query: (sent: Filter) => PromiseLike<Found>,
  ): Promise<Found> => {
    try {
      return await onDatabase(() => query(of(filter)));
    } catch (error) {
      const { CastError } = mongoose.Error;
      if (error instanceof CastError && Object.hasOwn(filter, error.path)) return nothing;
      throw error;
    }
  };

  return {
    async insert(row) {
      const stored = { _id: new Types.ObjectId(), ...row, kind };
      const document = new model(stored);
      await document.validate();
      await ready();
      // Not by `save`: it would not tell the server how long it may take.
      await onDatabase<unknown>(() => model.collection.insertOne(document.toBSON() as never, WRITE));
      return stored;
    },
    find: (filter) =>
      where(filter, undefined, async (sent) => (await model.findOne(sent).lean<Stored<Row>>()) ?? undefined),
    list: (filter, { sort = { _id: 1 }, limit = 100 } = {}) =>
      where(filter, [], (sent) =>
        model
          .find(sent)
          .sort(sort as Record<string, 1 | -1>)
          .limit(limit)
          .lean<Stored<Row>[]>()
          .exec(),
      ),
    count: (filter) => where(filter, 0, (sent) => model.countDocuments(sent).exec()),
    update(filter, change) {
      const options = { returnDocument: 'after', updatePipeline: Array.isArray(change) } as const;
      return where(filter, undefined, async (sent) => {
        return (await model.findOneAndUpdate(sent, change, options).lean<Stored<Row>>()) ?? undefined;
      });
    },
    updateAll: (filter, change) =>
      where(filter, 0, async (sent) => (await model.updateMany(sent, change).exec()).matchedCount),
    async upsert(filter, change) {
      await ready();
      const updatePipeline = Array.isArray(change);
      const options = { returnDocument: 'after', upsert: true, updatePipeline } as const;
      const query = () => model.findOneAndUpdate(of(filter), change, options).lean<Stored<Row>>().exec();
      return (await onDatabase(query)) as Stored<Row>;
    },
    take: (filter) =>
      where(
        filter,
        undefined,
        async (sent) => (await model.findOneAndDelete(sent).lean<Stored<Row>>()) ?? undefined,
      ),
    remove: (filter) => where(filter, 0, async (sent) => (await model.deleteMany(sent).exec()).deletedCount),
  };
}

/** By hand: the option of a query gives way to the app's setting, on or off, and an array would be taken for `$in`. */
function asData(filter: Filter): Filter {
  const entries = Object.entries(filter).map(([path, value]) => {
    const isList = Array.isArray(value) && !path.startsWith('$');
    return [path, isList ? { $eq: value } : value];
  });
  return sanitizeFilter(Object.fromEntries(entries));
}

/** Whether a write has met a row that is there already, by a unique index. */
export function isDuplicate(error: unknown): boolean {
  return duplicateKey(error) !== undefined;
}

/** Of two upserts that make a row at once, one meets the other's: that one is done once more, and finds it. */
export async function evenIfMadeMeanwhile<Result>(upsert: () => Promise<Result>): Promise<Result> {
  try {
    return await upsert();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return upsert();
  }
}
