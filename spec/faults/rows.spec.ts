import { expect } from 'chai';
import { nameOf, tableOf } from '../conformance/route-rows.js';
import { mailedCode } from '../own-features/mailed-code.js';
import type { AppProcess } from '../support/app-process.js';
import { operations } from './operations.js';
import { READS } from './reads.js';

describe('the route table', () => {
  it('has no row that is not asked while the database is away (hold 67)', () => {
    const noApp = () => undefined as unknown as AppProcess;
    const asked = [...Object.values(operations(noApp)).map(({ row }) => row), ...Object.keys(READS)];
    const own = tableOf([mailedCode()]).map(nameOf);
    // The app's own, by which a second step is set up.
    const rows = own.filter((name) => name !== 'POST /mailed-code');
    expect(rows).to.include('POST /challenge');
    expect(rows.filter((name) => !asked.includes(name))).to.deep.equal([]);
    expect(asked.filter((name) => !rows.includes(name))).to.deep.equal(['/protected']);
  });
});
