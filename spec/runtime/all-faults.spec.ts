import { expect } from 'chai';
import { EmailTaken, type FieldFault, ValidationFailed } from '../../lib/errors.js';
import { allFaults } from '../../lib/runtime/all-faults.js';
import { failureOf } from '../support/failure.js';

describe('allFaults', () => {
  const fault = (field: string, detail = 'No.'): FieldFault => ({
    code: 'invalid',
    detail,
    pointer: `#/${field}`,
  });
  const refuse = async (...faults: FieldFault[]) => {
    throw new ValidationFailed(faults);
  };

  it('returns what the checks return, in their order', async () => {
    expect(await allFaults([Promise.resolve(1), 'two', undefined])).to.deep.equal([1, 'two', undefined]);
  });

  it('tells what all of them refuse, of one field the first fault alone', async () => {
    const checks = [
      refuse(fault('a'), fault('b')),
      Promise.resolve(1),
      refuse(fault('b', 'Nor so.'), fault('c')),
    ];
    const error = await failureOf<ValidationFailed>(() => allFaults(checks));
    expect(error).to.be.an.instanceOf(ValidationFailed);
    expect(error.errors).to.deep.equal([fault('a'), fault('b'), fault('c')]);
  });

  it('waits for the slow ones', async () => {
    const late = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return refuse(fault('late'));
    };
    const { errors } = await failureOf<ValidationFailed>(() => allFaults([refuse(fault('a')), late()]));
    expect(errors).to.deep.equal([fault('a'), fault('late')]);
  });

  it('throws any other error as it is, whatever else is refused', async () => {
    const other = new EmailTaken();
    for (const error of [other, undefined]) {
      const checks = [refuse(fault('a')), Promise.reject(error)];
      expect(await failureOf(() => allFaults(checks))).to.equal(error);
    }
  });

  it('throws the refusal of a single one as it is, with its words for the log', async () => {
    const only = new ValidationFailed([fault('a')], { message: 'for the log' });
    expect(await failureOf(() => allFaults([1, Promise.reject(only)]))).to.equal(only);
  });
});
