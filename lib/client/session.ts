import type { StandingKeeper } from './standing.js';

/** What the tokens of a sign-in come as, or that they came as cookies. */
export interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
}

/** What the two modes do each in its way. A proof is what a request is identified by. */
export interface Session<Proof = unknown> {
  standing: StandingKeeper;
  /** What every request to the kit has. */
  init: RequestInit;
  /** Of a request that is sent now. Nothing where nobody is signed in. */
  current(): Promise<Proof | undefined>;
  identify(request: Request, proof: Proof | undefined): Request;
  /**
   * Renews what a request was refused with: once for all who ask.
   *
   * @returns what to go on with; nothing where that login is over, or another one is there
   * @throws AuthClientError where it could not be found out
   */
  renew(refused: Proof): Promise<Proof | undefined>;
  /**
   * Keeps what a login was answered.
   *
   * @throws AuthClientError `unexpected_answer` for what the mode does not know
   */
  begin(answer: TokenAnswer): void;
  /** Keeps what a login that goes on was answered, unless it has ended meanwhile. */
  replace(answer: TokenAnswer, former: Proof | undefined): void;
  /** Nobody is signed in any more. */
  end(): void;
  /** Ends the session at the server too. */
  logout(): Promise<void>;
  close(): void;
}

/** Asks one of the kit's endpoints, whoever is signed in. */
export type Ask = <Answer>(path: string, body?: object, init?: RequestInit) => Promise<Answer>;
