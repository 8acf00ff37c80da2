import type { Connection } from 'mongoose';
import { type Collection, type CollectionDefinition, createCollection, modelOf } from './collection.js';
import type { UserId, UserModel } from './user.js';

/** What one router stores beside the users: the core's collections and the features'. */
export interface Collections {
  /**
   * Opens a collection: it is indexed with the rest, and a user's rows in it go with the user.
   *
   * @throws Error when another one of this router has the name
   */
  open<Row>(definition: CollectionDefinition): Collection<Row>;
  /**
   * One that is open.
   *
   * @throws Error when it is not: a feature names its collections in `collections`
   */
  get<Row>(definition: CollectionDefinition): Collection<Row>;
  /** Deletes a user's rows everywhere. */
  removeAllOf(user: UserId): Promise<void>;
  /** The models behind them, for their indexes. */
  models(): UserModel[];
}

interface CollectionsParts {
  connection: Connection;
  /** The users' collection. */
  kind: string;
  /** Resolves when the indexes stand. */
  ready(): Promise<void>;
}

export function createCollections(parts: CollectionsParts): Collections {
  const opened = new Map<CollectionDefinition, Collection<unknown>>();
  return {
    open<Row>(definition: CollectionDefinition) {
      const isTaken = [...opened.keys()].some(({ name }) => name === definition.name);
      if (isTaken || definition.name === parts.kind) {
        throw new Error(`two features claim the collection ${definition.name}`);
      }
      const collection = createCollection<Row>(definition, parts);
      opened.set(definition, collection as Collection<unknown>);
      return collection;
    },
    get<Row>(definition: CollectionDefinition) {
      const collection = opened.get(definition);
      if (!collection) throw new Error(`no feature names ${definition.name} among its collections`);
      return collection as Collection<Row>;
    },
    async removeAllOf(user) {
      await Promise.all([...opened.values()].map((collection) => collection.remove({ user })));
    },
    models: () => [...opened.keys()].map((definition) => modelOf(parts.connection, definition) as UserModel),
  };
}
