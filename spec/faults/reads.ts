import { expect } from 'chai';
import type { Answer, AppProcess } from '../support/app-process.js';
import { type Person, sidOf } from './people.js';

/** A request that writes nothing. */
export interface Read {
  run(app: AppProcess, person: Person): Promise<Answer>;
  /** Fails where a 200 says something else than what is so. */
  check(body: Answer['body'], person: Person): void;
  /** It asks the database nothing. */
  isAnsweredAlone?: true;
}

/** What only reads, by its row of the route table or by its path, for a person with a recovery link. */
export const READS: Record<string, Read> = {
  '/protected': {
    run: (each, { own }) => each.get('/protected', own.access_token),
    check: ({ user }, { email }) => expect(user).to.equal(email),
  },
  'GET /me': {
    run: (each, { own }) => each.get('/auth/me', own.access_token),
    check: (body, { email }) => expect(body.email).to.equal(email),
  },
  'GET /sessions': {
    run: (each, { own }) => each.get('/auth/sessions', own.access_token),
    check: (list: { id: string }[], { own, other }) =>
      expect(list.map(({ id }) => id)).to.have.members([sidOf(own), sidOf(other)]),
  },
  'POST /forgot-password/validate': {
    run: (each, { link }) => each.post('/auth/forgot-password/validate', { token: link }),
    check: (body, { email }) => expect(body).to.deep.equal({ email, valid: true }),
  },
  'GET /.well-known/jwks.json': {
    run: (each) => each.get('/auth/.well-known/jwks.json'),
    // The key of these apps is a secret.
    check: (body) => expect(body).to.deep.equal({ keys: [] }),
    isAnsweredAlone: true,
  },
};
