import type { Connection } from 'mongoose';

/** Every document that a database holds, by collection: what a refused request must leave as it was. */
export async function databaseContents(connection: Connection): Promise<Record<string, unknown[]>> {
  const collections = await connection.listCollections();
  const contents = await Promise.all(
    collections.map(async ({ name }) => {
      const documents = await connection.collection(name).find().sort({ _id: 1 }).toArray();
      return [name, JSON.parse(JSON.stringify(documents))] as const;
    }),
  );
  return Object.fromEntries(contents.filter(([, documents]) => documents.length > 0));
}
