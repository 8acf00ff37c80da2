import type { PublicUser, SessionAnswer } from '../config/answers.js';

/** An answer as JSON carries it: times are texts. */
export type InJson<Value> = Value extends Date
  ? string
  : Value extends object
    ? { [Key in keyof Value]: InJson<Value[Key]> }
    : Value;

/** The user as the kit shows it. `Own`: the app's own fields. */
export type ClientUser<Own extends object = object> = InJson<PublicUser> & Own;

/** A session as the list of them has it. */
export type ClientSession = InJson<SessionAnswer>;

export interface Message {
  message: string;
}

export type RegisterInput<Own extends object = object> = Partial<Own> & {
  email: string;
  password: string;
  name?: string | null;
};

export interface LoginInput {
  /** What the user logs in by: the email, unless the app has other `loginFields`. */
  username: string;
  password: string;
  /** False: the cookies end with the browser. */
  remember?: boolean;
  /** What the list of sessions calls it, for apps whose user agent says nothing. */
  deviceName?: string;
}

export interface SignedIn {
  state: 'signed-in';
}

/** What was shown is right and not enough: `challenge` and an answer by one of `methods` go to `challenge()`. */
export interface Challenged {
  state: 'challenge';
  challenge: string;
  methods: string[];
  /** In seconds. */
  expires_in: number;
  /** That there is no second factor yet, and one must be enrolled now. */
  enrol?: boolean;
  /** What a passkey is asked with. */
  passkey?: Record<string, unknown>;
}

export type SignInResult = SignedIn | Challenged;

/** What answers a challenge: `code`, or what else the method takes. */
export interface ChallengeInput {
  challenge: string;
  method: string;
  code?: string;
  response?: object;
  [field: string]: unknown;
}

export interface ConfirmInput {
  password?: string;
  method?: string;
  code?: string;
  response?: object;
}
