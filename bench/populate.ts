import type { Connection } from 'mongoose';

/**
 * Fills a database with so many users and sessions, copies of the one user and the one session of another. The server makes them
 * by itself: a million takes half a minute. Indexes are left to the kit.
 */
export async function populate(template: Connection, target: Connection, count: number): Promise<void> {
  const of = (kind: string) => ({
    $toObjectId: { $concat: [kind, { $toString: { $add: [{ $toLong: 1e11 }, '$n'] } }] },
  });
  const [user, session] = [of('aaaaaaaaaaaa'), of('bbbbbbbbbbbb')];
  const email = { $concat: ['user', { $toString: '$n' }, '@example.com'] };
  const copies = (collection: string, fields: object) =>
    template
      .collection(collection)
      .aggregate(
        [
          { $limit: 1 },
          { $set: { n: { $range: [0, count] } } },
          { $unwind: '$n' },
          { $set: fields },
          { $unset: 'n' },
          { $out: { db: target.name, coll: collection } },
        ],
        { allowDiskUse: true },
      )
      .toArray();
  await Promise.all([copies('users', { _id: user, email }), copies('auth_sessions', { _id: session, user })]);
}
