import { draftSession, type NewSession, type Session } from '../../lib/models/session-store.js';
import type { TestStores } from '../support/test-stores.js';

export const START = new Date('2030-01-01T00:00:00.000Z');
export const GRACE = 10_000;
export const DAY = 86_400_000;

export function after_(milliseconds: number): Date {
  return new Date(START.getTime() + milliseconds);
}

export const sessionsIn = ({ database }: TestStores) => database.connection.collection('auth_sessions');

/** @returns a session as it is stored: the database fills something in */
export async function storeSession(
  stores: TestStores,
  given: Pick<NewSession, 'user'> & Partial<NewSession>,
): Promise<Session> {
  const where = { ip: '127.0.0.1', userAgent: 'spec' };
  const life = { now: START, expiresAt: after_(30 * DAY) };
  const draft = draftSession({ stamp: 'stamp', proofs: [], ...life, ...where, ...given });
  await stores.sessions.create(draft);
  return (await sessionsIn(stores).findOne({ _id: draft._id })) as unknown as Session;
}
