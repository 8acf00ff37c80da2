import jwt from 'jsonwebtoken';
import type { Connection } from 'mongoose';
import { driveInTurn, type Line } from '../drive.js';
import type { Lab, Served } from '../lab.js';
import { bearer, getAs, type Load } from '../load.js';
import { populate } from '../populate.js';
import { pour } from '../pour.js';
import type { Section } from '../section.js';
import type { Memory } from '../serve.js';
import { SECRET } from '../servers/secret.js';
import { times } from '../servers.js';
import { megabytes, ms, number, ratio, type Table } from '../table.js';

const SIZES = [1_000, 100_000, 1_000_000] as const;
const LOADS = ['user', 'login', 'refresh'] as const;
const NAMES = { user: '`requireUser`', login: 'login, bcrypt cost 4', refresh: 'refresh' };
/** How many of the users are signed in and drive, spread over all. */
const SAMPLE = 300;
const TURNS = { connections: 20, rounds: 4, seconds: 0.6, warmUp: 0.5 };

const LIVE = 20_000;
const STATELESS = 80_000;
const TOKENS = 100_000;

export const scale: Section = {
  name: 'scale',
  title: 'Scale',
  budget: 200,
  async run(lab) {
    const { tables, figures } = await bySize(lab);
    return { tables: [...tables, await byUse(lab)], figures };
  },
};

/** The same requests on more and more users and sessions. */
async function bySize(lab: Lab): Promise<{ tables: Table[]; figures: Record<string, number> }> {
  const template = await lab.serve('kit', { database: 'template', users: 1 });
  await template.stop();
  const lines: Line[] = [];
  for (const size of SIZES) {
    const database = `scale-${size}`;
    await populate(lab.database('template'), lab.database(database), size);
    const served = await lab.serve('kit', { database, stored: size, users: SAMPLE });
    for (const load of LOADS) lines.push({ what: `${load} ${size}`, served, load });
  }
  // What was filled in is written out now, and not while others are measured.
  await lab.database('template').db?.admin().command({ fsync: 1 });
  const measured = await driveInTurn(lines, TURNS);
  await Promise.all(lines.map(({ served }) => served.stop()));
  const stored = await storedBy(lab.database(`scale-${SIZES[2]}`), SIZES[2]);
  await Promise.all(SIZES.map((size) => lab.database(`scale-${size}`).dropDatabase()));

  const figures: Record<string, number> = {};
  const rows = LOADS.flatMap((load) =>
    SIZES.map((size) => {
      const rate = (of: number) => measured[`${load} ${of}`]?.perSecond ?? Number.NaN;
      const { median, p99 } = measured[`${load} ${size}`] ?? { median: Number.NaN, p99: Number.NaN };
      const toSmallest = rate(size) / rate(SIZES[0]);
      figures[`scale: ${load} at ${size}`] = toSmallest;
      return [
        NAMES[load],
        size.toLocaleString('en'),
        number(rate(size)),
        ratio(toSmallest),
        ms(median),
        ms(p99),
      ];
    }),
  );
  const title = `Users and sessions (${TURNS.connections} connections)`;
  const columns = ['what', 'users', 'per second', 'ratio', 'median', 'p99'];
  const note = [
    `As many sessions as users; ${SAMPLE.toLocaleString('en')} of them, spread over all, send the requests. A login at the lowest cost, so that`,
    'the database shows. mongod has a cache of 250 MB.',
  ].join('\n');
  return { tables: [{ title, columns, rows, notes: [note] }, stored], figures };
}

/** What a user and a session take in the database. */
async function storedBy(connection: Connection, count: number): Promise<Table> {
  const rows = await Promise.all(
    ['users', 'auth_sessions'].map(async (name) => {
      const found = connection.collection(name).aggregate([{ $collStats: { storageStats: {} } }]);
      const [{ storageStats }] = (await found.toArray()) as [{ storageStats: Record<string, number> }];
      const { avgObjSize, storageSize, totalIndexSize } = storageStats;
      const each = (bytes = Number.NaN) => String(Math.round(bytes / count));
      return [`\`${name}\``, String(avgObjSize), each(storageSize), each(totalIndexSize)];
    }),
  );
  const title = `Bytes of one among ${count.toLocaleString('en')}`;
  const columns = ['collection', 'document', 'on disk, compressed', 'all its indexes'];
  return {
    title,
    columns,
    rows,
    notes: ['Copies of one another but for ids and addresses: real ones compress less.'],
  };
}

/** What a process keeps of what it has seen. */
async function byUse(lab: Lab): Promise<Table> {
  const served = await lab.serve('kit');
  const row = (what: string, { rss, heapUsed }: Memory) => [what, megabytes(rss), megabytes(heapUsed)];

  const rows = [row('at the start', await served.memory())];
  const after = async (count: number, what: string) =>
    rows.push(row(`after ${count.toLocaleString('en')} ${what}`, await served.memory()));
  await pour(served, await served.load('user'), LIVE);
  await after(LIVE, 'behind `requireUser`');
  await pour(served, await served.load('claims'), STATELESS);
  await after(STATELESS, 'more behind `requireClaims`');
  await pour(served, await distinctTokens(served, TOKENS), TOKENS);
  await after(TOKENS, 'more, each with a token of its own');
  await served.stop();
  const note = 'After the garbage was collected; the loader of TypeScript is in it.';
  return { title: 'Memory of the process', columns: ['requests', 'rss', 'heap used'], rows, notes: [note] };
}

/** As many good tokens of one session, each of another text. */
async function distinctTokens(served: Served, count: number): Promise<Load> {
  const { status, requests } = await served.load('claims');
  const [{ path, headers }] = requests as [Load['requests'][number]];
  const token = headers?.['authorization']?.split(' ')[1] as string;
  const { header, payload } = jwt.decode(token, { complete: true }) as jwt.Jwt;
  const sign = (index: number) =>
    jwt.sign({ ...(payload as object), jti: String(index) }, SECRET, { header });
  return { status, requests: times(count, (index) => getAs(path, bearer(sign(index)))) };
}
