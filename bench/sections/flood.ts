import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Flood } from '../flood.js';
import type { Lab, Served } from '../lab.js';
import { type Answers, createOpenLoop } from '../open-loop.js';
import type { Section } from '../section.js';
import { median, percentile } from '../statistics.js';
import { ms, ratio, type Table } from '../table.js';

/** Of each protected route, a second. */
const PROBES = 100;
const SECONDS = 2.5;
/** How many connections each route is asked on, which stand before the flood comes, as those of a proxy do. */
const KEPT = 64;
/** How long an answer is waited for, in milliseconds. */
const PATIENCE = 5000;
/** How long the flood lasts before it is measured, in milliseconds. */
const LEAD = 1000;

const KITS = [
  { kit: 'express-auth-kit', module: 'kit', routes: { live: 'user', stateless: 'claims' } },
  { kit: 'passport by hand', module: 'by-hand', routes: { live: 'user', stateless: 'claims' } },
  { kit: 'better-auth, MongoDB', module: 'better-auth', routes: { live: 'user' } },
] as const;

type Situation = { name: string } & ({ rate: number } | { connections: number } | object);

const IDLE = 'idle';
const SITUATIONS: readonly Situation[] = [
  { name: IDLE },
  { name: '100 logins/s', rate: 100 },
  { name: '300 logins/s', rate: 300 },
  { name: '500 connections', connections: 500 },
];

export const flood: Section = {
  name: 'flood',
  title: 'A protected route while others try to log in',
  budget: 210,
  async run(lab) {
    const figures: Record<string, number> = {};
    const rows: string[][] = [];
    for (const { kit, module, routes } of KITS) {
      const seen = new Map<string, Record<string, Answers>>();
      for (const situation of SITUATIONS) {
        seen.set(situation.name, await probe(lab, module, Object.values(routes), situation));
      }
      for (const [kind, load] of Object.entries(routes)) {
        const p99Of = (name: string) => percentile(seen.get(name)?.[load]?.times ?? [], 99);
        for (const { name } of SITUATIONS) {
          const { times = [], statuses = {} } = seen.get(name)?.[load] ?? {};
          const toIdle = p99Of(name) / p99Of(IDLE);
          const lost = times.length - (statuses[200] ?? 0);
          rows.push([
            `${kit}, ${kind}`,
            name,
            ms(median(times)),
            ms(p99Of(name)),
            ratio(toIdle),
            String(lost),
          ]);
          figures[`flood: ${kit}, ${kind}, ${name}`] = toIdle;
        }
      }
    }
    return {
      tables: [
        {
          title: `p99 of ${PROBES} requests a second to each route`,
          columns: ['route', 'flood', 'median', 'p99', 'p99 to idle', 'not 200'],
          rows,
          notes: NOTES,
        },
        await loginsFromElsewhere(lab),
      ],
      figures,
    };
  },
};

const NOTES = [
  [
    'Logins with a wrong password, bcrypt at cost 12 (better-auth: its scrypt), from a process of its own, 100 or 300 a second whether or not',
    'those before have been answered, or on 500 connections that each ask again at once. Nobody has a limit by address: a',
    'flood comes from many. Each figure is of a server that was started for it. The protected routes are asked on connections that stood before,',
    'as those of a proxy do: a Node.js server takes one new connection with each turn of its event loop. "not 200": answered otherwise, or not at all.',
  ].join('\n'),
];

/** Right logins from elsewhere, a second, while one address floods; and for how long, beyond the first seconds of it. */
const LOGINS = 2;
const LOGIN_SECONDS = 15;

/** Whether one address that floods keeps others from logging in. */
async function loginsFromElsewhere(lab: Lab): Promise<Table> {
  const rows: string[][] = [];
  for (const [what, throttle, situation] of [
    ['no flood', 'on', { name: IDLE }],
    ['300 logins/s from one address, `throttle` off', 'off', { name: 'flood', rate: 300 }],
    ['300 logins/s from one address', 'on', { name: 'flood', rate: 300 }],
  ] as const) {
    const served = await lab.serve('kit', { cost: 12, throttle });
    const loop = await createOpenLoop({ url: served.url, load: await served.load('elsewhere') });
    const end = await begin(lab, served, situation);
    const { times, statuses } = await loop.run({ rate: LOGINS, seconds: LOGIN_SECONDS, patience: PATIENCE });
    end();
    loop.close();
    await served.stop();
    const right = statuses[200] ?? 0;
    rows.push([what, ms(median(times)), ms(Math.max(...times)), `${right} of ${times.length}`]);
  }
  return {
    title: `${LOGINS} right logins a second, each from an address of its own (express-auth-kit)`,
    columns: ['meanwhile', 'median', 'slowest', 'logged in'],
    rows,
    notes: [
      [
        'Hashes are computed in turn between networks; with `throttle` the address that floods is refused from memory, once its',
        'first ten guesses have been hashed. Those seconds are in the slowest.',
      ].join('\n'),
    ],
  };
}

/** Asks protected routes of a new server in a situation. */
async function probe(
  lab: Lab,
  module: string,
  routes: readonly string[],
  situation: Situation,
): Promise<Record<string, Answers>> {
  const served = await lab.serve(module, { cost: 12, throttle: 'off' });
  const loops = await Promise.all(
    routes.map(async (route) => {
      const load = await served.load(route);
      return [route, await createOpenLoop({ url: served.url, load, kept: KEPT })] as const;
    }),
  );
  const ask = (seconds: number) =>
    Promise.all(
      loops.map(
        async ([route, { run }]) =>
          [route, await run({ rate: PROBES, seconds, patience: PATIENCE })] as const,
      ),
    );
  await ask(0.5);
  const end = await begin(lab, served, situation);
  const answers = await ask(SECONDS);
  end();
  for (const [, loop] of loops) loop.close();
  await served.stop();
  return Object.fromEntries(answers);
}

/** @returns ends the flood */
async function begin(
  lab: Lab,
  { url, load }: Served,
  { name: _name, ...flood }: Situation,
): Promise<() => void> {
  if (Object.keys(flood).length === 0) return () => {};
  const child = lab.fork('flood.ts');
  await once(child, 'message');
  child.send({ url, load: await load('wrong'), ...flood } as Flood);
  await wait(LEAD);
  return () => child.kill('SIGKILL');
}
