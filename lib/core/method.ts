import type { UserDocument } from '../models/user.js';
import type { Proof, ProofKind } from '../security/proof.js';

/** A way to show who one is, beside the password. */
export interface Method {
  kind: ProofKind;
  /** What the claim `amr` calls it (RFC 8176 section 2). */
  amr: string;
  /** Whether the user can show it, told without another query. By default: whether `user.waysIn` names it. */
  isSetUp?(user: UserDocument): boolean;
  /**
   * Whether a sign-in of this user needs two kinds of proof. By default where the method is set up; `() => false` for
   * one that only serves where another asks.
   */
  isRequired?(user: UserDocument): boolean;
  /** Whether it lets a user in without a password: then it may not be the last way in that is removed. */
  letsIn?: boolean;
  /**
   * Called when it is asked for as a second step: mails a code, makes a challenge. What it gives is told the client under
   * the method's name, beside `challenge` and `methods`.
   */
  begin?(user: UserDocument): Promise<object | undefined>;
  /**
   * Whether the input shows it. What is stored is spent by one conditional write: of two at once one succeeds.
   *
   * @param input the body of `POST /challenge`: of a client, unchecked
   * @returns true; or what was proved, where that is not always the same. What it throws counts as wrong, but for
   * Unavailable
   */
  verify(
    user: UserDocument,
    input: Readonly<Record<string, unknown>>,
  ): Promise<boolean | Pick<Proof, 'kinds' | 'amr'>>;
}

/** By the names that clients know them by. */
export type Methods = ReadonlyMap<string, Method>;

/** Whether a user can show a method. */
export function isSetUp(methods: Methods, name: string, user: UserDocument): boolean {
  const inList = () => user.waysIn?.some(({ method }) => method === name) ?? false;
  const method = methods.get(name);
  return method !== undefined && (method.isSetUp?.(user) ?? inList());
}
