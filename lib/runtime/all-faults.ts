import { type FieldFault, ValidationFailed } from '../errors.js';

/**
 * Waits for several checks, so that what each of them refuses is told at once; of one field the first fault alone.
 *
 * @returns what the checks return
 * @throws ValidationFailed (`validation_failed`, 422) with the faults of all; what else a check throws, as it is
 *
 * @example
 * const [password] = await allFaults([requireGoodPassword(kit, given, user, 'password'), kit.users.validate(user)]);
 */
export async function allFaults<const Checks extends readonly unknown[]>(
  checks: Checks,
): Promise<{ -readonly [Index in keyof Checks]: Awaited<Checks[Index]> }> {
  const outcomes = await Promise.allSettled(checks);
  const reasons = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
  const other = reasons.findIndex((reason) => !(reason instanceof ValidationFailed));
  if (other >= 0) throw reasons[other];
  if (reasons.length > 1) throw new ValidationFailed(onePerField(reasons.flatMap(({ errors }) => errors)));
  // One check's refusal as it is, with what it says for the log.
  return (await Promise.all(checks)) as never;
}

function onePerField(faults: readonly FieldFault[]): FieldFault[] {
  const isFirst = ({ pointer }: FieldFault, index: number) =>
    faults.findIndex((fault) => fault.pointer === pointer) === index;
  return faults.filter(isFirst);
}
