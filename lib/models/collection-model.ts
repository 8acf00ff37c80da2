import type { Connection, Model, Schema } from 'mongoose';

/**
 * The model of a collection of the kit's own, on the connection of the app's user model: made once for a connection,
 * however many routers share it.
 */
export function collectionModel<Row>(
  connection: Connection,
  { model, collection, schema }: { model: string; collection: string; schema: Schema },
): Model<Row> {
  const existing = connection.models[model] as Model<Row> | undefined;
  return existing ?? (connection.model(model, schema, collection) as unknown as Model<Row>);
}
