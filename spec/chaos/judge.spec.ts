import { expect } from 'chai';
import { type Incident, KINDS, type Kind, type Link, type Operation } from './history.js';
import { judge } from './judge.js';
import { makeSchedule } from './schedule.js';

/** An answered request from `begin` on, for one second unless it says otherwise; done unless it has a status. */
type Step = [kind: Kind, begin: number, details?: Partial<Operation>];

const SECOND = 1000;
const P1 = { email: 'ada', password: 'p1' };
const P2 = { email: 'ada', password: 'p2' };
const UNKNOWN = { status: 503 };
const REFUSED = { status: 401 };
const LINK: Link = { kind: 'reset', account: 'a', token: 'l', to: 'ada', receivedAt: 60 * SECOND };

const REGISTERED: Step = ['register', 0, { newEmail: 'ada', newPassword: 'p1' }];
const LOGGED_IN: Step = ['login', 10, { ...P1, made: { session: 's', generation: 0 } }];
const CHANGED: Step = ['changePassword', 20, { session: 's', password: 'p1', newPassword: 'p2' }];
const S = { session: 's' };
const refresh = (begin: number, generation: number, details: Partial<Operation> = {}): Step => [
  'refresh',
  begin,
  { ...S, generation, made: { session: 's', generation: generation + 1 }, ...details },
];

/** Somebody shows an access token of a generation. */
const show = (begin: number, shows: number, details: Partial<Operation> = {}): Step => [
  'visit',
  begin,
  { ...S, shows, ...details },
];

/** The rules that a history breaks. */
function broken(steps: readonly Step[], incidents: Incident[] = []): string[] {
  const operations = [REGISTERED, LOGGED_IN, ...steps].map(([kind, begin, details = {}]) => ({
    kind,
    account: 'a',
    client: 0,
    app: 0,
    code: undefined,
    status: KINDS[kind].done,
    ...details,
    begin: begin * SECOND,
    end: details.end ?? (begin + 1) * SECOND,
  }));
  return judge({ operations, links: [LINK], incidents }).map(({ rule }) => rule);
}

describe('the judge of a run with faults', () => {
  const rightly: [string, ...Step[]][] = [
    [
      'a session that is used, refreshed and logged out',
      ['visit', 20, S],
      refresh(30, 0),
      ['logout', 40, S],
      ['visit', 50, { ...S, ...REFUSED }],
    ],
    [
      'a use at the same time as the logout',
      ['logout', 20, S],
      ['visit', 20, S],
      ['visit', 20, { ...S, ...REFUSED }],
    ],
    [
      'both states after a logout that was answered 503',
      ['logout', 20, { ...S, ...UNKNOWN }],
      ['visit', 30, S],
      ['visit', 40, { ...S, ...REFUSED }],
    ],
    [
      'either password after a change that was answered 503',
      [CHANGED[0], 20, { ...CHANGED[2], ...UNKNOWN }],
      ['login', 30, P1],
      ['login', 40, P2],
      ['login', 50, { ...P1, ...REFUSED }],
    ],
    [
      'a password that is refused by a change which a failover then undoes',
      [CHANGED[0], 20, { ...CHANGED[2], ...UNKNOWN }],
      ['login', 21, { ...P1, ...REFUSED }],
      ['login', 90, P1],
    ],
    [
      'the predecessor within the grace time, and its refusal after it',
      refresh(20, 0),
      show(21, 1),
      refresh(22, 0),
      refresh(40, 0, REFUSED),
      ['visit', 50, { ...S, ...REFUSED }],
    ],
    [
      'the predecessor however late, while only what came before was shown',
      refresh(20, 0),
      show(22, 0),
      show(24, 0),
      refresh(900, 0),
      refresh(902, 1),
    ],
    [
      'the predecessor of what was shown once: the note may be lost',
      refresh(20, 0),
      show(22, 1),
      refresh(40, 0),
    ],
    [
      'its refusal after a visit that was not answered',
      refresh(20, 0),
      show(22, 1, UNKNOWN),
      refresh(40, 0, REFUSED),
    ],
    ['503 at any time', ['visit', 20, { ...S, ...UNKNOWN }], ['login', 30, { ...P1, ...UNKNOWN }]],
    [
      'a reset, and the old password refused',
      ['reset', 70, { link: LINK, newPassword: 'p2' }],
      ['login', 80, { ...P1, ...REFUSED }],
      ['login', 90, P2],
      ['reset', 100, { link: LINK, newPassword: 'p3', status: 400 }],
    ],
    [
      'a login refused while the user is disabled',
      ['disable', 20],
      ['login', 30, { ...P1, ...REFUSED }],
      ['enable', 40],
      ['login', 50, P1],
    ],
  ];
  for (const [what, ...steps] of rightly) {
    it(`takes for right: ${what}`, () => {
      expect(broken(steps)).to.deep.equal([]);
    });
  }

  const wrongly: [string, string, ...Step[]][] = [
    [
      'a session that was over let somebody in',
      'a visit after a logout',
      ['logout', 20, S],
      ['visit', 30, S],
    ],
    [
      'a session that was over let somebody in',
      'a refresh long after a logout everywhere',
      ['logoutAll', 20, S],
      refresh(900, 0),
    ],
    [
      'a session that was over let somebody in',
      'a session of the old password, answered after the change',
      CHANGED,
      ['login', 20, { ...P1, made: { session: 't', generation: 0 }, end: 28 * SECOND }],
      ['visit', 50, { session: 't' }],
    ],
    [
      'a session that was over let somebody in',
      'a visit after a replay',
      refresh(20, 0),
      refresh(21.5, 1),
      refresh(30, 0, REFUSED),
      ['visit', 40, S],
    ],
    ['refused without a reason: 401', 'a session that nobody has ended', ['visit', 20, { ...S, ...REFUSED }]],
    [
      'refused without a reason: 401',
      'a session that was ended later',
      ['visit', 20, { ...S, ...REFUSED }],
      ['logout', 30, S],
    ],
    [
      'refused without a reason: 401',
      'a session from after a logout everywhere',
      ['logoutAll', 20, S],
      ['login', 30, { ...P1, made: { session: 't', generation: 0 } }],
      ['visit', 40, { session: 't', ...REFUSED }],
    ],
    ['refused without a reason: 401', 'the newest refresh token', refresh(20, 0), refresh(60, 1, REFUSED)],
    [
      'refused without a reason: 401',
      'a predecessor within the grace time',
      refresh(20, 0),
      show(21, 1),
      refresh(22, 0, REFUSED),
    ],
    [
      'refused without a reason: 401',
      'a predecessor whose successor nobody has shown',
      refresh(20, 0),
      show(22, 0),
      refresh(900, 0, REFUSED),
    ],
    [
      'refused without a reason: 401',
      'the password in force, long after a change that was not made',
      [CHANGED[0], 20, { ...CHANGED[2], ...UNKNOWN }],
      ['login', 80, { ...P1, ...REFUSED }],
      ['login', 90, P1],
    ],
    ['refused without a reason: 401', 'the password in force', CHANGED, ['login', 30, { ...P2, ...REFUSED }]],
    [
      'refused without a reason: 401',
      'a login long after the user was enabled',
      ['disable', 20],
      ['enable', 40],
      ['login', 90, { ...P1, ...REFUSED }],
    ],
    ['a password that was replaced let somebody in', 'a login after the change', CHANGED, ['login', 30, P1]],
    [
      'a password that was replaced let somebody in',
      'a login after a change that was seen',
      [CHANGED[0], 20, { ...CHANGED[2], ...UNKNOWN }],
      ['login', 30, P2],
      ['login', 40, P1],
    ],
    ['an old refresh token worked', 'a fork', refresh(20, 0), refresh(22, 1), refresh(24, 0)],
    [
      'an old refresh token worked',
      'a predecessor after the grace time',
      refresh(20, 0),
      show(22, 1),
      show(24, 1),
      refresh(40, 0),
    ],
    [
      'a refresh led to another family',
      'another generation',
      refresh(20, 0, { made: { session: 's', generation: 7 } }),
    ],
    [
      'a link worked that was void',
      'a reset after a change',
      ['changePassword', 65, CHANGED[2]],
      ['reset', 70, { link: LINK, newPassword: 'p3' }],
    ],
    [
      'refused without a reason: 400',
      'a link that nothing has touched',
      ['reset', 70, { link: LINK, newPassword: 'p2', status: 400 }],
    ],
    ['somebody who is disabled was let in', 'a login', ['disable', 20], ['login', 30, P1]],
    ['somebody who is deleted was let in', 'a login', ['delete', 20, S], ['login', 30, P1]],
    ['a status that nothing is answered by', 'an error', ['visit', 20, { ...S, status: 500 }]],
    ['no answer from a process that was there', 'silence', ['visit', 20, { ...S, status: 0 }]],
    [
      'an answer that came too late',
      '503 after a quarter of a minute',
      ['visit', 20, { ...S, ...UNKNOWN, end: 35 * SECOND }],
    ],
  ];
  for (const [rule, what, ...steps] of wrongly) {
    it(`finds that ${rule}: ${what}`, () => {
      expect(new Set(broken(steps))).to.deep.equal(new Set([rule]));
    });
  }

  it('takes for right that a predecessor works where faults may have lost the notes of its successor', () => {
    const steps = [refresh(20, 0), show(22, 1), show(24, 1), refresh(40, 0)];
    const during = (app: Incident['app']) => [{ app, from: 19 * SECOND, to: 21 * SECOND }];
    expect(broken(steps, during(0))).to.deep.equal([]);
    expect(broken(steps, during('database'))).to.deep.equal([]);
    expect(broken(steps, during(1))).to.deep.equal(['an old refresh token worked']);
  });

  it('finds that a link worked twice', () => {
    const uses: Step[] = ['p2', 'p3'].map((newPassword) => ['reset', 70, { link: LINK, newPassword }]);
    expect(broken(uses)).to.include('a link worked twice');
  });
});

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(makeSchedule(7, 60_000)).to.deep.equal(makeSchedule(7, 60_000));
    expect(makeSchedule(8, 60_000)).to.not.deep.equal(makeSchedule(7, 60_000));
  });
});
