import { driveInTurn, type Measured } from '../drive.js';
import type { Section } from '../section.js';
import { ms, number, ratio, type Table } from '../table.js';

/** As many as libuv has threads: more would wait in one queue or the other. */
const CONNECTIONS = 4;
const ROUNDS = 2;
/** How many a round: of what takes about 200 ms, and of what takes about 50. */
const [SLOW, FAST] = [32, 96];

const KIT = 'express-auth-kit';
const BETTER_AUTH = 'better-auth, MongoDB (scrypt)';
const COMPARE = 'no login, `bcrypt.compare`';

export const login: Section = {
  name: 'login',
  title: 'Login, refresh, registration',
  budget: 90,
  async run(lab) {
    const [kit12, kit10] = [await lab.serve('kit', { cost: 12 }), await lab.serve('kit', { cost: 10 })];
    const [bare12, bare10] = [await lab.serve('bare', { cost: 12 }), await lab.serve('bare', { cost: 10 })];
    const betterAuth = await lab.serve('better-auth');
    const database = await lab.serve('database');
    const turns = { connections: CONNECTIONS, rounds: ROUNDS, seconds: 2, warmUp: 0.5 };

    const logins = await driveInTurn(
      [
        { what: `${COMPARE}, cost 12`, served: bare12, load: 'compare', amount: SLOW },
        { what: `${KIT}, cost 12`, served: kit12, load: 'login', amount: SLOW },
        { what: `${COMPARE}, cost 10`, served: bare10, load: 'compare', amount: FAST },
        { what: `${KIT}, cost 10`, served: kit10, load: 'login', amount: FAST },
        { what: BETTER_AUTH, served: betterAuth, load: 'login', amount: FAST / 2 },
      ],
      turns,
    );
    const refreshes = await driveInTurn(
      [
        { what: 'no refresh, one `findOneAndUpdate`', served: database, load: 'update' },
        { what: KIT, served: kit12, load: 'refresh' },
      ],
      { ...turns, connections: 20 },
    );
    const registrations = await driveInTurn(
      [
        { what: 'no registration, `bcrypt.hash`, cost 12', served: bare12, load: 'hash', amount: SLOW },
        { what: `${KIT}, cost 12`, served: kit12, load: 'register', amount: SLOW },
        { what: BETTER_AUTH, served: betterAuth, load: 'register', amount: FAST / 2 },
      ],
      { ...turns, rounds: 1 },
    );
    await Promise.all([kit12, kit10, bare12, bare10, betterAuth, database].map((served) => served.stop()));

    const rate = (of: Record<string, Measured>, what: string) => of[what]?.perSecond ?? Number.NaN;
    const ratioAt = (cost: number) =>
      rate(logins, `${KIT}, cost ${cost}`) / rate(logins, `${COMPARE}, cost ${cost}`);
    return {
      tables: [
        tableOf(`Login (${CONNECTIONS} connections)`, logins, (what) =>
          what.endsWith('12')
            ? `${COMPARE}, cost 12`
            : what.endsWith('10')
              ? `${COMPARE}, cost 10`
              : undefined,
        ),
        tableOf('Refresh (20 connections)', refreshes, () => 'no refresh, one `findOneAndUpdate`'),
        {
          ...tableOf(`Registration (${CONNECTIONS} connections)`, registrations, (what) =>
            what.endsWith('12') ? 'no registration, `bcrypt.hash`, cost 12' : undefined,
          ),
          notes: NOTES,
        },
      ],
      figures: {
        'login / compare at 12': ratioAt(12),
        'login / compare at 10': ratioAt(10),
        'refresh / findOneAndUpdate':
          rate(refreshes, KIT) / rate(refreshes, 'no refresh, one `findOneAndUpdate`'),
      },
    };
  },
};

const NOTES = [
  [
    'A ratio is to the line that does the same work on the password, or on the database, and nothing else: a POST whose',
    'JSON body is parsed, answered `{"ok":true}`, with all the threads that libuv has (the kit leaves one free). better-auth hashes by',
    'scrypt, of a cost of its own: its line has no ratio. It has no refresh either: its sessions are looked up at each request.',
    'A refresh of the kit is a rotation, majority-written, and two signatures; the route beside it writes with',
    "`w: 'majority'` too.",
  ].join('\n'),
];

function tableOf(
  title: string,
  measured: Record<string, Measured>,
  baseOf: (what: string) => string | undefined,
): Table {
  return {
    title,
    columns: ['what', 'per second', 'ratio', 'median', 'p99'],
    rows: Object.entries(measured).map(([what, { perSecond, median, p99 }]) => {
      const base = measured[baseOf(what) ?? '']?.perSecond ?? Number.NaN;
      return [what, number(perSecond), ratio(perSecond / base), ms(median), ms(p99)];
    }),
  };
}
