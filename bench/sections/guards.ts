import { driveInTurn, type Line, type Measured } from '../drive.js';
import type { Lab } from '../lab.js';
import type { Section } from '../section.js';
import { ms, number, ratio, type Table } from '../table.js';

const BARE = 'no guard';
const CLAIMS = '`requireClaims`';
const USER = '`requireUser`';
const BY_HAND = 'passport-jwt by hand, user and session';
const FIND_ONE = 'no guard, one `findOne`';

/** These are driven by one and by many connections too. */
const MOST_TELLING: readonly string[] = [BARE, CLAIMS, USER, BY_HAND, FIND_ONE];

export const guards: Section = {
  name: 'guards',
  title: 'A protected route',
  budget: 110,
  async run(lab) {
    const lines = await startAll(lab);
    const few = lines.filter(({ what }) => MOST_TELLING.includes(what));
    const at20 = await driveInTurn(lines, { connections: 20, rounds: 3, seconds: 1, warmUp: 0.7 });
    const at1 = await driveInTurn(few, { connections: 1, rounds: 3, seconds: 0.6, warmUp: 0 });
    const at100 = await driveInTurn(few, { connections: 100, rounds: 3, seconds: 0.6, warmUp: 0.3 });
    await Promise.all(lines.map(({ served }) => served.stop()));

    const rate = (what: string, of = at20) => of[what]?.perSecond ?? Number.NaN;
    return {
      tables: [{ ...tableOf(at20, 20), notes: NOTES }, tableOf(at1, 1), tableOf(at100, 100)],
      figures: {
        'claims / bare': rate(CLAIMS) / rate(BARE),
        'user / bare': rate(USER) / rate(BARE),
        'user / by hand': rate(USER) / rate(BY_HAND),
        'user / findOne': rate(USER) / rate(FIND_ONE),
        'p99 user at 100 / by hand at 20':
          (at100[USER]?.p99 ?? Number.NaN) / (at20[BY_HAND]?.p99 ?? Number.NaN),
        'one connection: user / by hand': rate(USER, at1) / rate(BY_HAND, at1),
      },
    };
  },
};

const NOTES = [
  [
    'Every route answers the same `{"ok":true}`, with 200 users, each connection with users of its own; a ratio is to the',
    'route without a guard in the same run. What each line does:',
  ].join('\n'),
  [
    '- `requireClaims`: signature and claims. `requireUser`: user and session from the database at each request, a',
    '  hydrated `req.user`; then with `requireRole` and `requireRecentLogin` behind it.',
    '- passport-jwt as its README shows it: the secret as a text, the user by one `findOne`, no session: a logout is not',
    '  felt. By hand: a `KeyObject`; stateless, or the user by `findById` and the session by a lean `findOne`, in parallel.',
    '- express-jwt: as its README shows it, stateless.',
    '- better-auth: `auth.api.getSession` in the handler, on MongoDB with the indexes that it makes. With its cookie',
    '  cache it does not ask the database for five minutes: a session that was ended, a user that was disabled, are felt up',
    '  to 300 seconds later.',
    '- Auth.js: `getSession` of @auth/express; by default the session is an encrypted cookie that no logout ends.',
  ].join('\n'),
];

async function startAll(lab: Lab): Promise<Line[]> {
  const bare = await lab.serve('bare');
  const database = await lab.serve('database');
  const kit = await lab.serve('kit');
  const byHand = await lab.serve('by-hand');
  const line = (what: string, served: Line['served'], load: string): Line => ({ what, served, load });
  const alone = async (what: string, load: string, module: string, setup = {}) =>
    line(what, await lab.serve(module, setup), load);
  return [
    line(BARE, bare, 'open'),
    line(CLAIMS, kit, 'claims'),
    line(USER, kit, 'user'),
    line('`requireUser`, role, recent login', kit, 'role'),
    line('passport-jwt as in its README', byHand, 'readme'),
    line('passport-jwt by hand, stateless', byHand, 'claims'),
    line(BY_HAND, byHand, 'user'),
    await alone('express-jwt', 'claims', 'express-jwt'),
    line(FIND_ONE, database, 'find'),
    await alone('better-auth, memory', 'user', 'better-auth', { store: 'memory' }),
    await alone('better-auth, MongoDB', 'user', 'better-auth'),
    await alone('better-auth, cookie cache (stale 300 s)', 'user', 'better-auth', { cookieCache: true }),
    await alone('Auth.js, encrypted cookie', 'user', 'auth-js'),
    await alone('Auth.js, MongoDB', 'user', 'auth-js', { store: 'mongodb' }),
  ];
}

function tableOf(measured: Record<string, Measured>, connections: number): Table {
  const bare = measured[BARE]?.perSecond ?? Number.NaN;
  return {
    title: connections === 1 ? 'One connection' : `${connections} connections`,
    columns: ['guard', 'requests/s', 'ratio', 'median', 'p99'],
    rows: Object.entries(measured).map(([what, { perSecond, median, p99 }]) => [
      what,
      number(perSecond),
      ratio(perSecond / bare),
      ms(median),
      ms(p99),
    ]),
  };
}
