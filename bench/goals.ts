import type { Result } from './section.js';
import { number, type Table } from './table.js';

interface Goal {
  what: string;
  /** Of a section's figures. */
  figure: string;
  /** The least it may be, or the most. */
  least?: number;
  most?: number;
  /** Why it falls short, where it does. */
  because?: string;
}

const KIT = 'express-auth-kit';

// Why something falls short.
const CLAIMS = 'the token of each request is looked up among those that were verified, and its end compared';
const BOTH = 'what both do besides, the route, its answer and the clients, weighs more on the faster one';
const WAITS = 'of a hundred that came together, the last is answered last';
const ALONE =
  'nobody is there to share a question to the database with, and it waits for the end of the turn';
const LOGIN =
  'a login also asks the database for the user, counts the attempt, stores a session and signs two tokens, on the cores that hash';
const REFRESH = 'the user is loaded too, one token verified and two are signed';
const COOKIES = 'the refresh token comes along with each request: twice the bytes to send and to take apart';
const RENEWED = 'user and session are loaded once more, as they are now, after the rotation';
const SPREAD = 'two servers that do the same differ by as much in one run';
const FLOOD = 'hashes, mongod, the server and those who flood it share the cores';
const IMPORT = 'most of it is Express and Mongoose: see their line in the table';

/** What the kit is meant to reach. What falls short stands in the table as it is. */
const GOALS: readonly Goal[] = [
  {
    what: '`requireClaims` to no guard, 20 connections',
    figure: 'claims / bare',
    least: 0.9,
    because: CLAIMS,
  },
  {
    what: '`requireUser` to no guard, 20 connections',
    figure: 'user / bare',
    least: 0.5,
    because: 'mongod, the server and the clients share the cores',
  },
  {
    what: '`requireUser` to passport-jwt by hand, 20 connections',
    figure: 'user / by hand',
    least: 3,
    because: BOTH,
  },
  { what: '`requireUser` to one `findOne`, 20 connections', figure: 'user / findOne', least: 1.3 },
  {
    what: 'p99: `requireUser` at 100 to by hand at 20',
    figure: 'p99 user at 100 / by hand at 20',
    most: 1,
    because: WAITS,
  },
  {
    what: '`requireUser` to by hand, one connection',
    figure: 'one connection: user / by hand',
    least: 1,
    because: ALONE,
  },
  {
    what: '`requireClaims` by cookie to bearer',
    figure: 'claims: cookie / bearer',
    least: 0.9,
    because: COOKIES,
  },
  {
    what: '`requireUser` by cookie to bearer',
    figure: 'user: cookie / bearer',
    least: 0.9,
    because: COOKIES,
  },
  { what: 'POST by cookie to bearer', figure: 'POST: cookie / bearer', least: 0.9, because: COOKIES },
  {
    what: 'GET that `requireClaims` renews to POST `/refresh`',
    figure: 'claims, renewed / refresh',
    least: 0.9,
    because: SPREAD,
  },
  {
    what: 'GET that `requireUser` renews to POST `/refresh`',
    figure: 'user, renewed / refresh',
    least: 0.9,
    because: RENEWED,
  },
  {
    what: 'login to `bcrypt.compare`, cost 12',
    figure: 'login / compare at 12',
    least: 0.97,
    because: LOGIN,
  },
  {
    what: 'login to `bcrypt.compare`, cost 10',
    figure: 'login / compare at 10',
    least: 0.92,
    because: LOGIN,
  },
  {
    what: 'refresh to one `findOneAndUpdate`',
    figure: 'refresh / findOneAndUpdate',
    least: 0.6,
    because: REFRESH,
  },
  ...['live', 'stateless'].flatMap((kind) => [
    ...['100 logins/s', '300 logins/s'].map((name) => floodGoal(kind, name, 3)),
    floodGoal(kind, '500 connections', 10),
  ]),
  ...['user', 'login', 'refresh'].map((load) => ({
    what: `${load} with 1,000,000 users to 1,000`,
    figure: `scale: ${load} at 1000000`,
    least: 0.85,
    because: SPREAD,
  })),
  { what: 'import with Express, Mongoose, Passport, ms', figure: 'import in ms', most: 250, because: IMPORT },
  { what: 'refused logins: largest difference of medians', figure: 'time of logins', most: 0.1 },
  { what: 'recovery: largest difference of medians', figure: 'time of recovery', most: 0.1 },
  {
    what: 'requests beside a recovery: largest difference of medians',
    figure: 'time beside',
    most: 0.1,
  },
];

function floodGoal(kind: string, name: string, most: number): Goal {
  return {
    what: `p99, ${kind}, ${name}, to idle`,
    figure: `flood: ${KIT}, ${kind}, ${name}`,
    most,
    because: FLOOD,
  };
}

/** Those goals whose figures were measured. */
export function goalsTable(results: readonly Result[]): Table {
  const figures: Record<string, number> = Object.assign({}, ...results.map((result) => result.figures));
  const rows = GOALS.filter(({ figure }) => figure in figures).map(
    ({ what, figure, least, most, because = '' }) => {
      const value = figures[figure] as number;
      const isReached =
        value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY);
      const goal = least !== undefined ? `>= ${least}` : `<= ${most}`;
      return [what, goal, number(value), isReached ? 'yes' : `no${because && `: ${because}`}`];
    },
  );
  return { title: 'What is aimed at', columns: ['what', 'goal', 'figure', 'reached'], rows };
}
