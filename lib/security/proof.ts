/** What a way to show who one is rests on. Two proofs are two factors only when their kinds differ. */
export type ProofKind = 'knowledge' | 'mailbox' | 'device' | 'federated';

/** What was shown at a sign-in. The session keeps it. */
export interface Proof {
  /** `password`, or the name of a method. */
  method: string;
  /** Two at once for a passkey with user verification. */
  kinds: readonly ProofKind[];
  /** What the claim `amr` calls it (RFC 8176 section 2). */
  amr: readonly string[];
  at: Date;
}

/** The kinds that were shown. */
export function kindsOf(proofs: readonly Proof[]): ReadonlySet<ProofKind> {
  return new Set(proofs.flatMap(({ kinds }) => kinds));
}

/** The claim `amr` (RFC 8176): how the user signed in, and `mfa` where two kinds were shown. */
export function amrOf(proofs: readonly Proof[]): string[] {
  const shown = new Set(proofs.flatMap(({ amr }) => amr));
  if (kindsOf(proofs).size > 1) shown.add('mfa');
  return [...shown];
}
