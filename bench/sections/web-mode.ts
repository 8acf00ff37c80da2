import { driveInTurn, type Line, type Measured } from '../drive.js';
import type { Section } from '../section.js';
import { ms, number, ratio, type Table } from '../table.js';

const CONNECTIONS = 20;
/** Their sessions are made anew for each go of renewals. */
const USERS = 40;

const GUARDS = { claims: '`requireClaims`', user: '`requireUser`', post: 'POST, `requireUser`' };
type Guard = keyof typeof GUARDS;

const REFRESH = 'POST `/refresh`, bearer';
const RENEWED = {
  'refresh, cookies': 'POST `/refresh`, cookie',
  'claims, renewed': 'GET, `requireClaims`, renewed',
  'user, renewed': 'GET, `requireUser`, renewed',
};

export const webMode: Section = {
  name: 'web-mode',
  title: 'Cookies beside bearer tokens',
  budget: 60,
  async run(lab) {
    const on = await lab.serve('kit', { webMode: 'on', users: USERS });
    const off = await lab.serve('kit', { users: USERS });
    const guards = Object.keys(GUARDS) as Guard[];
    const requests = await driveInTurn(
      guards.flatMap((guard): Line[] => [
        { what: bearerLine(guard), served: on, load: `${guard}, bearer` },
        { what: `${GUARDS[guard]}, cookie`, served: on, load: `${guard}, cookies` },
        ...(guard === 'post'
          ? []
          : [{ what: `${bearerLine(guard)}, web mode off`, served: off, load: `${guard}, bearer` }]),
      ]),
      { connections: CONNECTIONS, rounds: 5, seconds: 0.5, warmUp: 0.5 },
    );
    const renewals = await driveInTurn(
      [
        { what: REFRESH, served: on, load: 'refresh' },
        ...Object.entries(RENEWED).map(([load, what]): Line => ({ what, served: on, load })),
      ],
      { connections: CONNECTIONS, rounds: 4, seconds: 0.6, warmUp: 0.7 },
    );
    const repeated = await on.task('repeated');
    if (repeated !== 0)
      throw new Error(`${repeated} renewals were answered by the grace, without a rotation`);
    await Promise.all([on.stop(), off.stop()]);

    const rate = (of: Record<string, Measured>, what: string) => of[what]?.perSecond ?? Number.NaN;
    const toBearer = (guard: Guard) =>
      rate(requests, `${GUARDS[guard]}, cookie`) / rate(requests, bearerLine(guard));
    const toRefresh = (load: keyof typeof RENEWED) => rate(renewals, RENEWED[load]) / rate(renewals, REFRESH);
    const baseOf = (what: string) => bearerLine(guards.find((guard) => what.startsWith(GUARDS[guard])));
    return {
      tables: [
        tableOf(`Requests (${CONNECTIONS} connections)`, requests, baseOf),
        { ...tableOf(`Renewals (${CONNECTIONS} connections)`, renewals, () => REFRESH), notes: NOTES },
      ],
      figures: {
        'claims: cookie / bearer': toBearer('claims'),
        'user: cookie / bearer': toBearer('user'),
        'POST: cookie / bearer': toBearer('post'),
        'claims, renewed / refresh': toRefresh('claims, renewed'),
        'user, renewed / refresh': toRefresh('user, renewed'),
      },
    };
  },
};

function bearerLine(guard: Guard = 'user'): string {
  return `${GUARDS[guard]}, bearer`;
}

const NOTES = [
  [
    'The same routes of the same server, in web mode, and of one without; 40 users. A ratio is to the line "bearer" of the same guard, or to a refresh. By cookie: both',
    'cookies come, as a browser sends them, with `Sec-Fetch-Site`, and a POST with `Origin`; the bearer token comes with the same headers. A',
    'renewed request has the refresh cookie alone: each is a rotation of its own, and two `Set-Cookie`, of which the next one brings the',
    'refresh cookie; behind `requireUser` user and session are loaded after it, as at every request.',
  ].join('\n'),
];

function tableOf(title: string, measured: Record<string, Measured>, baseOf: (what: string) => string): Table {
  return {
    title,
    columns: ['what', 'per second', 'ratio', 'median', 'p99'],
    rows: Object.entries(measured).map(([what, { perSecond, median, p99 }]) => [
      what,
      number(perSecond),
      ratio(perSecond / (measured[baseOf(what)]?.perSecond ?? Number.NaN)),
      ms(median),
      ms(p99),
    ]),
  };
}
