import type { Link } from './history.js';

/** A session as its client has it. */
export interface Held {
  id: string;
  /** The newest one known. */
  access: { token: string; generation: number };
  /** All that were given out; the last is the newest one known. */
  refreshTokens: { token: string; generation: number }[];
}

/**
 * What the clients of an account know of it, together. They need not be right, the judge does not ask them; they only
 * have to ask good questions.
 */
export class SharedAccount {
  userId = '';
  /** What may be in force: what was acknowledged last, and what was asked for since without an answer. */
  emails: string[];
  passwords: string[];
  formerPasswords: string[] = [];
  alive: Held[] = [];
  over: Held[] = [];
  readonly links: Link[] = [];
  /** Whether its deletion was asked for. */
  isLeft = false;

  constructor(
    readonly id: string,
    email: string,
    password: string,
  ) {
    this.emails = [email];
    this.passwords = [password];
  }

  end(held: Held): void {
    if (!this.alive.includes(held)) return;
    this.alive = this.alive.filter((each) => each !== held);
    this.over.push(held);
  }

  endAll(except?: Held): void {
    for (const held of this.alive) if (held !== except) this.end(held);
  }

  setPassword(password: string): void {
    this.formerPasswords.push(...this.passwords.filter((each) => each !== password));
    this.passwords = [password];
  }
}

export interface Pair {
  access_token: string;
  refresh_token: string;
}

export function holdPair({ access_token, refresh_token }: Pair): Held {
  const { sid: id } = claimsOf(access_token);
  return { id, access: generationOf(access_token), refreshTokens: [generationOf(refresh_token)] };
}

/** What is shown at a guard: others may refresh the session meanwhile. */
export function shownBy({ id, access }: Held): { session: string; shows: number; token: string } {
  return { session: id, shows: access.generation, token: access.token };
}

export function generationOf(token: string): { token: string; generation: number } {
  return { token, generation: claimsOf(token).gen };
}

export function claimsOf(token: string): { sub: string; sid: string; gen: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
