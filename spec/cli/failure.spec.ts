import { expect } from 'chai';
import { CommanderError } from 'commander';
import { CommandFailure, oneLine, reasonOf, tellFailure, usage } from '../../lib/cli/failure.js';
import { NotFound, ValidationFailed } from '../../lib/errors.js';

describe('tellFailure', () => {
  it('ends with 1 where something was refused, and with 2 where it was not understood', () => {
    expect(tellFailure(new CommandFailure('no'))).to.deep.equal({ message: 'no', exitCode: 1 });
    expect(tellFailure(usage('how?'))).to.deep.equal({ message: 'how?', exitCode: 2 });
    expect(tellFailure(new Error('broken'))).to.deep.equal({ message: 'broken', exitCode: 1 });
  });

  it('repeats nothing that commander has written, and takes help for done', () => {
    const told = (code: string) => tellFailure(new CommanderError(1, code, 'words'));
    expect(told('commander.helpDisplayed')).to.deep.equal({ exitCode: 0 });
    expect(told('commander.help')).to.deep.equal({ exitCode: 2 });
    expect(told('commander.unknownOption')).to.deep.equal({ exitCode: 2 });
  });
});

describe('reasonOf', () => {
  it('names the fields that were refused', () => {
    const faults = [
      { code: 'too_short', detail: 'Too short.', pointer: '#/password' },
      { code: 'required', detail: 'Required.', pointer: '#/address/street' },
    ] as const;
    expect(reasonOf(new ValidationFailed(faults))).to.equal('password: Too short. address/street: Required.');
  });

  it('says what is for the log, and no stack', () => {
    expect(reasonOf(new NotFound({ message: 'no such\nuser' }))).to.equal('no such user');
    expect(reasonOf('words')).to.equal('words');
  });
});

describe('oneLine', () => {
  it('leaves nothing for a terminal to obey', () => {
    expect(oneLine('a\u001b[31m\r\nb\u009b2J\n')).to.equal('a [31m b 2J');
  });
});
